"""One vote at a time: what a new answer says of its task and of everybody who answered it, at once.

A fit over all votes (``auto`` and the models) is held with all votes in compact arrays. A new vote costs one step of
EM on its own task: the expected truth of the task (E), and the matrices of those who answered it (M), with what the
whole crowd has in common left as it was fitted (incremental EM: Neal & Hinton 1998, doi 10.1007/978-94-011-5014-9_12).
What everybody else is thought of drifts from what a full fit would say, so that one falls due after a tenth more votes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.votes import em
from goldsmith.science.votes.auto import AutoConsensus, expected_by
from goldsmith.science.votes.classifier import ClassEvidence
from goldsmith.science.votes.continuing import (
    GONE,
    before_votes,
    checked,
    flags_of,
    learn,
    rows_of,
    widened,
)
from goldsmith.science.votes.growing import Growing
from goldsmith.science.votes.table import Votes
from goldsmith.science.votes.types import FittedModel, LabelConsensus, LiveAnswer, LiveSkill, blended

GROWTH: Final = 0.1
"""Share of new votes at which a full fit falls due."""
_LEAST_CHANGES: Final = 20
_SPARE: Final = 0.25


class LiveVotes:
    """A fit that takes new votes one by one; made by ``of``.

    For a program that has a stream of votes and holds them in memory: a labelling tool of one's own, a simulation. The
    server has no need of it: its processes share a database and nothing else, so each tells a task's posterior from
    the newest stored fit and the votes of that task alone.

    Without votes on a task its answer is the class prior. An adversary loses trust, and is turned round, as fast as
    answers of others on the same tasks tell. All times are far below a millisecond and do not depend on how many votes
    there are, but for the rare doubling of an array.

    >>> from goldsmith.science.votes import one_coin
    >>> votes = Votes.of([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 0, 0], task_count=3, annotator_count=2, label_count=2)
    >>> live = LiveVotes.of(votes, one_coin(votes))
    >>> live.add(2, 0, 1).label, live.vote_count
    (1, 5)
    """

    def __init__(
        self,
        votes: Votes,
        fitted: LabelConsensus,
        known: IntArray,
        *,
        evidence: ClassEvidence | None,
        growth: float,
    ) -> None:
        self.growth = growth
        self._taught: Growing  # [models, tasks, labels] the expected truth that the counts were made with
        self._counts: Growing  # [models, annotators, truth, answer]
        self._confusion: Growing  # likewise
        self._class_tasks: Growing  # [models, labels]
        self._certainty: Growing  # [tasks]
        self._task = Growing(votes.task.astype(np.int32), spare=_SPARE)
        self._annotator = Growing(votes.annotator.astype(np.int32), spare=_SPARE)
        self._label = Growing(votes.label.astype(np.int32), spare=_SPARE)
        first, before = rows_of(votes)
        self._first = Growing(first, spare=_SPARE)  # the newest vote of each task
        self._before = Growing(before, spare=_SPARE)  # for each vote, the one before it on its task
        self._votes = Growing(votes.counts, spare=_SPARE)
        self._known = Growing(known, spare=_SPARE)
        nothing = np.full((votes.task_count, votes.label_count), np.nan)
        self._stated = Growing(nothing if evidence is None else evidence.stated, spare=_SPARE)
        self._is_model = Growing(flags_of(fitted, votes.annotator_count))
        self._gone = 0
        self._settle(votes, fitted)

    @classmethod
    def of(
        cls,
        votes: Votes,
        fitted: LabelConsensus,
        *,
        gold: ArrayLike | None = None,
        evidence: ArrayLike | None = None,
        growth: float = GROWTH,
    ) -> LiveVotes:
        """Take over a fit.

        Args:
            votes: All votes, at least one label.
            fitted: A fit to them, or to those that came first (later tasks and annotators are taken for new).
            gold: ``[tasks]`` the known label, -1 where unknown.
            evidence: ``[tasks, labels]`` what a classifier says, as it was given to the fit.
            growth: Share of new votes at which a full fit falls due, above 0.

        Raises:
            InvalidInputError: The fit is of more tasks, annotators or labels; or it is one that no confusion matrices
                tell (``majority``, ``glad``).
        """
        if not growth > 0.0:
            raise InvalidInputError("growth must be above 0")
        stated = None
        if evidence is not None:
            stated = ClassEvidence.of(evidence, task_count=votes.task_count, label_count=votes.label_count)
        return cls(votes, fitted, em.known_labels(gold, votes), evidence=stated, growth=growth)

    @property
    def task_count(self) -> int:
        """Number of tasks."""
        return len(self._first.view)

    @property
    def annotator_count(self) -> int:
        """Number of annotators."""
        return int(self._confusion.view.shape[1])

    @property
    def label_count(self) -> int:
        """Number of labels."""
        return int(self._votes.view.shape[1])

    @property
    def vote_count(self) -> int:
        """Number of votes that count."""
        return len(self._task.view) - self._gone

    @property
    def certainty(self) -> FloatArray:
        """``[tasks]`` calibrated probability that the label is right, as of the newest vote on each task; read only."""
        seen = self._certainty.view
        seen.flags.writeable = False
        return seen

    @property
    def is_refit_due(self) -> bool:
        """Whether so much is new that all votes should be fitted again (``votes``, then ``adopt``).

        After ``growth`` more votes (also those withdrawn, and those on tasks that became gold), at least 20; and when
        there is a label that the fit never saw.
        """
        return self._has_new_label or self._changes >= max(self.growth * self._fitted_votes, _LEAST_CHANGES)

    def add_task(self, *, evidence: ArrayLike | None = None) -> int:
        """Return the index of a new task.

        Args:
            evidence: ``[labels]`` probabilities of a classifier; believed as far as the fit found it right.

        Raises:
            InvalidInputError: Not probabilities.
        """
        stated = np.full((1, self.label_count), np.nan)
        if evidence is not None:
            row = np.asarray(evidence, dtype=np.float64)[None]
            stated = ClassEvidence.of(row, task_count=1, label_count=self.label_count).stated
        for array, fill in ((self._first, GONE), (self._votes, 0.0), (self._known, GONE)):
            array.grow(axis=0, fill=fill)
        self._stated.grow(axis=0, fill=stated)
        self._taught.grow(axis=1, fill=0.0)
        self._certainty.grow(axis=0, fill=0.0)
        task = self.task_count - 1
        self._certainty.view[task] = self.answer(task).confidence
        return task

    def add_annotator(self, *, is_model: bool = False) -> int:
        """Return the index of a new annotator, of whom is expected what the crowd's priors say.

        Args:
            is_model: Whether it is no person whose votes are predictions.
        """
        self._counts.grow(axis=1, fill=0.0)
        self._confusion.grow(axis=1, fill=0.0)
        self._is_model.grow(axis=0, fill=is_model)
        for matrices, model in zip(self._confusion.view, self._models, strict=True):
            matrices[-1] = model.skill_of(is_model=is_model).newcomer(self.label_count)
        return self.annotator_count - 1

    def add_label(self) -> int:
        """Return the index of a new label.

        That nobody gave it before, where it was no choice, is evidence against it until the next full fit, which is
        due.
        """
        self._votes.grow(axis=1, fill=0.0)
        self._taught.grow(axis=2, fill=0.0)
        self._class_tasks.grow(axis=1, fill=0.0)
        for table in (self._counts, self._confusion):
            table.grow(axis=2, fill=0.0)
            table.grow(axis=3, fill=0.0)
        self._stated.grow(axis=1, fill=0.0)
        self._stated.view[np.isnan(self._stated.view[:, 0]), -1] = np.nan
        self._learn(np.arange(self.annotator_count))
        self._set_class_prior()
        self._has_new_label = True
        return self.label_count - 1

    def add(self, task: int, annotator: int, label: int) -> LiveAnswer:
        """Take one vote.

        Raises:
            InvalidInputError: An index out of range.
        """
        self._check(task=task, annotator=annotator, label=label)
        members = self._members(task)
        for array, value in ((self._task, task), (self._annotator, annotator), (self._label, label)):
            array.grow(axis=0, fill=value)
        self._before.grow(axis=0, fill=int(self._first.view[task]))
        self._first.view[task] = len(self._task.view) - 1
        self._votes.view[task, label] += 1.0
        return self._taught_by(task, members, (annotator, label))

    def withdraw(self, task: int, annotator: int) -> LiveAnswer:
        """Take back the newest vote of an annotator on a task, such as before a corrected one is added.

        Raises:
            InvalidInputError: An index out of range, or there is no such vote.
        """
        self._check(task=task, annotator=annotator)
        after, vote = GONE, int(self._first.view[task])
        while vote != GONE and self._annotator.view[vote] != annotator:
            after, vote = vote, int(self._before.view[vote])
        if vote == GONE:
            raise InvalidInputError(f"annotator {annotator} has no vote on task {task}")
        label = int(self._label.view[vote])
        for part, counts in enumerate(self._counts.view):
            counts[annotator, :, label] -= self._taught.view[part, task]
        if after == GONE:
            self._first.view[task] = self._before.view[vote]
        else:
            self._before.view[after] = self._before.view[vote]
        self._task.view[vote] = GONE
        self._gone += 1
        self._votes.view[task, label] -= 1.0
        self._learn(np.array([annotator]))
        return self._taught_by(task, self._members(task), None)

    def set_gold(self, task: int, label: int | None) -> LiveAnswer:
        """Tell the true label of a task, or with None that it is not known any more.

        What gold teaches lies in the skill of those who answered; the posterior remains that of the votes, so that
        calibration can be checked.

        Raises:
            InvalidInputError: An index out of range.
        """
        self._check(task=task, label=label)
        self._known.view[task] = GONE if label is None else label
        members = self._members(task)
        self._changes += max(members[0].size - 1, 0)
        return self._taught_by(task, members, None)

    def answer(self, task: int) -> LiveAnswer:
        """Return what is known of a task, with everybody's skill as it is now.

        Raises:
            InvalidInputError: No such task.
        """
        self._check(task=task)
        return self._answer(task, self._expected(task, *self._members(task)))

    def skill(self, annotator: int) -> LiveSkill:
        """Return what is known of an annotator.

        Raises:
            InvalidInputError: No such annotator.
        """
        self._check(annotator=annotator)
        counts = np.einsum("p,pkl->kl", self._shares, self._counts.view[:, annotator])
        accuracy = np.einsum(
            "p,pkk,pk->", self._shares, self._confusion.view[:, annotator], self._class_prior
        )
        return LiveSkill(float(accuracy), max(float(np.trace(counts)), 0.0), max(float(counts.sum()), 0.0))

    def models(self) -> tuple[FittedModel, ...]:
        """Return the parameters as they are now; ``answer`` is what they say of a task's votes."""
        return tuple(
            replace(
                model,
                confusion=confusion.copy(),
                class_prior=prior.copy(),
                is_model=self._is_model.view.copy(),
            )
            for model, confusion, prior in zip(
                self._models, self._confusion.view, self._class_prior, strict=True
            )
        )

    def votes(self) -> Votes:
        """Return all votes, for a full fit."""
        kept = self._task.view != GONE
        return Votes.of(
            self._task.view[kept],
            self._annotator.view[kept],
            self._label.view[kept],
            task_count=self.task_count,
            annotator_count=self.annotator_count,
            label_count=self.label_count,
        )

    def gold(self) -> IntArray:
        """Return ``[tasks]`` the known label, -1 where unknown."""
        return self._known.view.copy()

    def is_model(self) -> BoolArray:
        """Return ``[annotators]`` whose votes are predictions."""
        return self._is_model.view.copy()

    def evidence(self) -> FloatArray:
        """Return ``[tasks, labels]`` what a classifier says, NaN where it says nothing."""
        return self._stated.view.copy()

    def adopt(self, fitted: LabelConsensus) -> None:
        """Go on from a full fit.

        Votes, tasks, annotators and labels that came while it was made are kept. Takes a pass or two
        over all votes (a fraction of a second for a million).

        Args:
            fitted: To ``votes()`` as they were when it was begun.

        Raises:
            InvalidInputError: As for ``of``.
        """
        self._settle(self.votes(), fitted)

    def _settle(self, votes: Votes, fitted: LabelConsensus) -> None:
        """Take everything that votes and parameters tell together."""
        models = checked(fitted, votes)
        self._models, self._is_tempered = models, isinstance(fitted, AutoConsensus)
        self._shares = np.array([model.share for model in models])
        k = votes.label_count
        self._has_new_label = fitted.class_prior.size < k
        self._fitted_votes = int(fitted.votes.sum())
        self._changes = max(votes.vote_count - self._fitted_votes, 0)
        voted = (votes.counts.sum(axis=1) > 0).astype(np.float64)
        stated = ClassEvidence(self._stated.view)
        taught, counts, confusion, class_tasks, priors = [], [], [], [], []
        for model in models:
            matrices, prior = widened(model, self._is_model.view, k)
            truth, _ = em.expectation(votes, matrices, before_votes(model, prior, stated))
            seen = em.with_gold(truth, self._known.view)
            taught.append(seen * voted[:, None])
            counts.append(em.answer_counts(votes, seen))
            fresh = np.arange(len(model.confusion), votes.annotator_count)
            learn(model, self._is_model.view, fresh, counts[-1], matrices)
            confusion.append(matrices)
            class_tasks.append(voted @ seen)
            priors.append(prior)
        self._taught = Growing(np.stack(taught), spare=_SPARE, along=1)
        self._counts = Growing(np.stack(counts))
        self._confusion = Growing(np.stack(confusion))
        self._class_tasks = Growing(np.stack(class_tasks))
        self._class_prior = np.stack(priors)
        self._certainty = Growing(self._all_certainties(votes), spare=_SPARE)

    def _all_certainties(self, votes: Votes) -> FloatArray:
        mixed = np.zeros((votes.task_count, votes.label_count))
        stated = ClassEvidence(self._stated.view)
        for model, matrices, prior in zip(self._models, self._confusion.view, self._class_prior, strict=True):
            mixed += model.share * em.expectation(votes, matrices, before_votes(model, prior, stated))[0]
        has_evidence = any(model.evidence is not None for model in self._models)
        tempered = blended(mixed, votes.counts, expected_by(self._models, stated) if has_evidence else None)
        best = (tempered if self._is_tempered else mixed).argmax(axis=1)
        return np.asarray(tempered[np.arange(votes.task_count), best])

    def _members(self, task: int) -> tuple[IntArray, IntArray]:
        """Annotators and labels of the votes on a task."""
        votes = []
        vote, before = int(self._first.view[task]), self._before.view
        while vote != GONE:
            votes.append(vote)
            vote = int(before[vote])
        rows = np.array(votes, dtype=np.int64)
        return self._annotator.view[rows], self._label.view[rows]

    def _expected(self, task: int, annotator: IntArray, label: IntArray) -> FloatArray:
        """``[models, labels]`` posterior of each model."""
        before = self._class_prior
        if not np.isnan(self._stated.view[task, 0]):
            stated = ClassEvidence(self._stated.view[task][None])
            before = np.concatenate(
                [
                    np.atleast_2d(before_votes(model, prior, stated))
                    for model, prior in zip(self._models, before, strict=True)
                ]
            )
        log_joint = np.log(np.maximum(before, em.LEAST_PROBABILITY))
        given = self._confusion.view[:, annotator, :, label]  # [votes, models, truth]
        log_joint = log_joint + np.log(np.maximum(given, em.LEAST_PROBABILITY)).sum(axis=0)
        log_joint -= log_joint.max(axis=1, keepdims=True)
        posterior = np.exp(log_joint)
        return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))

    def _answer(self, task: int, expected: FloatArray) -> LiveAnswer:
        mixed = self._shares @ expected
        votes = self._votes.view[task].copy()
        believed = None
        if not np.isnan(self._stated.view[task, 0]):
            believed = expected_by(self._models, ClassEvidence(self._stated.view[task][None]))
        tempered = blended(mixed[None], votes[None], believed)[0]
        stated = tempered if self._is_tempered else mixed
        label = int(stated.argmax())
        return LiveAnswer(label, stated, float(tempered[label]), votes)

    def _taught_by(
        self, task: int, members: tuple[IntArray, IntArray], added: tuple[int, int] | None
    ) -> LiveAnswer:
        """Learn from the votes on a task anew, and state its answer. ``members`` are those before ``added``."""
        annotator, label = members
        before = self._taught.view[:, task].copy()
        if added is not None:
            annotator, label = np.append(annotator, added[0]), np.append(label, added[1])
        known = int(self._known.view[task])
        if not annotator.size:
            truth = np.zeros_like(before)
        elif known != GONE:
            truth = np.zeros_like(before)
            truth[:, known] = 1.0
        else:
            truth = self._expected(task, annotator, label)
        moved = np.repeat((truth - before)[None], annotator.size, axis=0)
        if added is not None:
            moved[-1] = truth
        by_answer = self._counts.view.transpose(1, 3, 0, 2)  # [annotators, answer, models, truth]
        np.add.at(by_answer, (annotator, label), moved)  # somebody may have answered twice
        self._taught.view[:, task] = truth
        self._class_tasks.view[...] += truth - before
        self._learn(np.unique(annotator))
        self._set_class_prior()
        self._changes += 1
        stated = self._answer(task, self._expected(task, annotator, label))
        self._certainty.view[task] = stated.confidence
        return stated

    def _learn(self, annotators: IntArray) -> None:
        """Bring the matrices of some annotators up to date."""
        for part, model in enumerate(self._models):
            counts = np.maximum(
                self._counts.view[part, annotators], 0.0
            )  # rounding may leave less than nothing
            matrices = self._confusion.view[part]
            matrices[annotators] = model.skill.updated(counts, matrices[annotators])

    def _set_class_prior(self) -> None:
        self._class_prior = np.stack(
            [
                em.class_prior_of(np.maximum(tasks, 0.0), prior=model.prior, mass=model.class_mass)
                for tasks, model in zip(self._class_tasks.view, self._models, strict=True)
            ]
        )

    def _check(
        self, *, task: int | None = None, annotator: int | None = None, label: int | None = None
    ) -> None:
        for name, value, count in (
            ("task", task, self.task_count),
            ("annotator", annotator, self.annotator_count),
            ("label", label, self.label_count),
        ):
            if value is not None and not 0 <= value < count:
                raise InvalidInputError(f"{name} is {value}; indices must lie in 0 to {count - 1}")
