"""Texts merged word by word: a vote in every column of the alignment, weighed by skill that EM learns with it.

ROVER (Fiscus 1997, doi 10.1109/ASRU.1997.659110) with the votes of a one-coin model: an annotator has the right word of
a column (or rightly none) with one probability, and otherwise one of a few wrong ones. A column's winner is the word
that costs the fewest expected errors, which is what the word error rate counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.segments import run_starts, sum_by
from goldsmith.science.texts.network import Columns
from goldsmith.science.texts.words import NOTHING, Texts

_WRONG_WORDS: Final = 5.0
"""So many wrong words are as likely as each other; anything from 3 to 100 gives much the same texts."""
_PRIOR_WORDS: Final = 5.0
"""Weight, in words, of the crowd's skill for each annotator."""
_AGREEMENT: Final = 0.2
"""What agreement with others counts beside gold: people who copy each other agree and are wrong."""
_LEAST_WEIGHT: Final = 0.05
_FIRST: Final = 1e-6
"""Breaks ties for the text that the others were written below."""


@dataclass(frozen=True, slots=True)
class ColumnVote:
    """The winners.

    Attributes:
        token: ``[columns]`` word, ``NOTHING`` where no word wins.
        probability: ``[columns]`` that it is right, tempered by the share of the votes.
        skill: ``[annotators]``.
        weight: ``[texts]`` what a word of the text counts, as log odds.
    """

    token: IntArray
    probability: FloatArray
    skill: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True)
class KnownWords:
    """What gold tells about skill.

    Attributes:
        right: ``[annotators]`` right words.
        total: ``[annotators]`` words told about.
        is_told: ``[texts]`` whose words are among them, and teach nothing else.
    """

    right: FloatArray
    total: FloatArray
    is_told: BoolArray

    @classmethod
    def of_nothing(cls, texts: Texts) -> KnownWords:
        """Without gold."""
        nothing = np.zeros(texts.annotator_count)
        return cls(nothing, nothing, np.zeros(texts.text_count, dtype=np.bool_))


def column_vote(
    texts: Texts, columns: Columns, *, known: KnownWords | None = None, sweeps: int = 8
) -> ColumnVote:
    """Vote in every column, and learn whom to trust.

    Args:
        texts: The texts.
        columns: Their alignment.
        known: From gold, which counts like so many more words.
        sweeps: Of EM; 1 gives all the same weight.
    """
    said = texts.rows.token[columns.text, np.maximum(columns.place, 0)]
    choices = _Choices.of(columns, np.where(columns.place >= 0, said, NOTHING))
    is_first = columns.text == columns.first[columns.task[columns.column]]
    known = known or KnownWords.of_nothing(texts)
    # gold speaks first: started from the majority, EM would hold on to an error that most people share
    skill = _skill(texts, np.zeros(texts.text_count), np.zeros(texts.text_count), known)
    weight = _weight(texts, skill) if known.total.any() and sweeps > 1 else np.ones(texts.text_count)
    words = sum_by(columns.text, None, size=texts.text_count) * ~known.is_told
    score = np.zeros(choices.column.size)
    for sweep in range(sweeps):
        score = choices.scores(weight[columns.text], is_first)
        right = sum_by(columns.text, choices.posterior(score)[choices.of_row], size=texts.text_count)
        skill = _skill(texts, right * ~known.is_told, words, known)
        if sweep + 1 < sweeps:
            weight = _weight(texts, skill)
    token, probability = choices.winners(score)
    return ColumnVote(token, probability, skill, weight)


@dataclass(frozen=True, slots=True)
class _Choices:
    """What is said in each column: one entry per column and word.

    ``column`` is ascending; ``votes`` how many texts say it; ``of_row`` the entry of each row of the alignment.
    """

    column: IntArray
    token: IntArray
    votes: FloatArray
    of_row: IntArray
    starts: IntArray
    column_votes: FloatArray

    @classmethod
    def of(cls, columns: Columns, said: IntArray) -> _Choices:
        span = int(said.max(initial=0)) + 2
        key, of_row = np.unique(columns.column * span + said + 1, return_inverse=True)
        column = key // span
        votes = sum_by(of_row, None, size=key.size)
        column_votes = sum_by(columns.column, None, size=columns.task.size)
        return cls(column, key % span - 1, votes, of_row, run_starts(column), column_votes)

    def scores(self, weight: FloatArray, is_first: BoolArray) -> FloatArray:
        """Log odds for each choice, up to a constant of its column."""
        return sum_by(self.of_row, weight + _FIRST * is_first, size=self.column.size)

    def posterior(self, score: FloatArray) -> FloatArray:
        """Probability of each choice among those of its column."""
        if not score.size:
            return score
        odds = np.exp(score - np.maximum.reduceat(score, self.starts)[self.column])
        return np.asarray(odds / np.add.reduceat(odds, self.starts)[self.column])

    def winners(self, score: FloatArray) -> tuple[IntArray, FloatArray]:
        """Word of each column and its tempered probability; of equals the word that comes first."""
        order = np.lexsort((-self.token, -score.round(9), self.column))
        best = order[self.starts]
        kinds = np.diff(np.r_[self.starts, score.size]) + 1.0
        share = (self.votes[best] + 1.0 / kinds) / (self.column_votes + 1.0)
        probability = (self.posterior(score)[best] + share) / 2.0
        return np.asarray(self.token[best]), np.asarray(probability)


def _weight(texts: Texts, skill: FloatArray) -> FloatArray:
    """Log odds that a word of each text is right, against one wrong word of several."""
    odds = skill[texts.annotator] / (1.0 - skill[texts.annotator])
    return np.maximum(np.log(odds * _WRONG_WORDS), _LEAST_WEIGHT)


def _skill(texts: Texts, right: FloatArray, words: FloatArray, known: KnownWords) -> FloatArray:
    """Share of right words, drawn towards the crowd's."""
    discount = np.where(known.total > 0.0, _AGREEMENT, 1.0)
    of_right = sum_by(texts.annotator, right, size=texts.annotator_count) * discount + known.right
    total = sum_by(texts.annotator, words, size=texts.annotator_count) * discount + known.total
    crowd = (of_right.sum() + 1.0) / (total.sum() + 2.0)
    drawn = (of_right + _PRIOR_WORDS * crowd) / (total + _PRIOR_WORDS)
    return np.asarray(np.clip(drawn, 0.01, 0.995))
