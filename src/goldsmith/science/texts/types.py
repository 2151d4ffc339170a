"""What several texts say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from goldsmith.science.arrays import FloatArray, IntArray

Way = Literal["columns", "medoid"]
"""Merge the texts word by word, or take the one that the others are nearest to."""


@dataclass(frozen=True, slots=True)
class TextConsensus:
    """One text for each task.

    Attributes:
        text: ``[tasks]``; empty where nobody wrote.
        confidence: ``[tasks]`` expected share of right words, in [0, 1]; 0 where nobody wrote.
        skill: ``[annotators]`` probability of the right word, in (0, 1); the crowd's where somebody wrote nothing.
        nearest: ``[tasks]`` index of the given text that is nearest to ``text``; -1 where nobody wrote.
        spread: Mean distance between two texts of a task, as a share of the longer one: transcripts of clear speech lie
            under 0.3, free translations above 0.5.
        way: How it was made.
    """

    text: tuple[str, ...]
    confidence: FloatArray
    skill: FloatArray
    nearest: IntArray
    spread: float
    way: Way
