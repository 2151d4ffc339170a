"""What became of the suggestions of assistants: of tools that find outlines by themselves, and of models."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from goldsmith.core.model import Model

MAX_ASSISTANCE: Final = 20_000
"""Cap on the suggestions that one submission tells of."""

Outcome = Literal["accepted", "fixed", "refused"]


class Assistance(Model):
    """What became of one suggestion.

    Attributes:
        source: Who made it, such as ``assist:wand`` or ``model:<model_version_id>``; also the origin of its object.
        outcome: Handed in as it was made, handed in with changes, or not handed in.
        took_ms: From its being shown to the decision on it.
    """

    source: Annotated[str, Field(pattern=r"^(assist|model):[A-Za-z0-9_.-]{1,100}$")]
    outcome: Outcome
    took_ms: Annotated[int, Field(ge=0, le=10**12)] = 0


class AssistanceOfSource(Model):
    """How an assistant did in a project.

    Attributes:
        accepted: Suggestions that were handed in as they were made; likewise ``fixed`` and ``refused``.
        submissions: Submissions that tell of it.
        mean_took_ms: From being shown to the decision, over all its suggestions.
    """

    source: str
    accepted: int
    fixed: int
    refused: int
    submissions: int
    mean_took_ms: int


class AssistanceReport(Model):
    """How each assistant did, the most used first."""

    sources: list[AssistanceOfSource]
