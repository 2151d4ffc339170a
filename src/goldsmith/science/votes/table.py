"""Votes on one of K labels as a sparse table, so that a sweep over them is two matrix products.

The one module here that imports ``scipy.sparse``, and only when a table is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_indices


@dataclass(frozen=True, slots=True)
class Votes:
    """Who answered what on which task.

    Attributes:
        task: ``[votes]``.
        annotator: ``[votes]``.
        label: ``[votes]``.
        task_count: Number of tasks, also those without votes.
        annotator_count: Number of annotators, also those without votes; a model that votes is one of them.
        label_count: Number of labels, at least 1.
        counts: ``[tasks, labels]`` how many voted for what.
    """

    task: IntArray
    annotator: IntArray
    label: IntArray
    task_count: int
    annotator_count: int
    label_count: int
    counts: FloatArray
    _cells: Any
    """``[tasks, annotators * labels]`` sparse: the number of times an annotator gave a label to a task."""

    @classmethod
    def of(
        cls,
        task: ArrayLike,
        annotator: ArrayLike,
        label: ArrayLike,
        *,
        task_count: int,
        annotator_count: int,
        label_count: int,
    ) -> Votes:
        """Check the columns and lay them out.

        A vote that is given twice counts twice.

        Raises:
            InvalidInputError: Columns of unequal length or an index out of range.

        >>> Votes.of([0, 0, 1], [0, 1, 0], [1, 1, 0], task_count=2, annotator_count=2, label_count=2).counts.tolist()
        [[0.0, 2.0], [1.0, 0.0]]
        """
        from scipy import sparse

        if label_count < 1:
            raise InvalidInputError("label_count must be at least 1")
        tasks = as_indices("task", task, below=task_count)
        annotators = as_indices("annotator", annotator, below=annotator_count, length=tasks.size)
        labels = as_indices("label", label, below=label_count, length=tasks.size)
        shape = (task_count, annotator_count * label_count)
        places = (_small(tasks, task_count), _small(annotators * label_count + labels, shape[1]))
        triples = sparse.coo_matrix((np.ones(tasks.size), places), shape=shape)
        triples.has_canonical_format = (
            True  # repeated votes add up in a product as they are; merging costs a sort
        )
        counts = np.bincount(tasks * label_count + labels, minlength=task_count * label_count)
        table = counts.reshape(task_count, label_count).astype(np.float64)
        return cls(
            tasks, annotators, labels, task_count, annotator_count, label_count, table, triples.tocsr()
        )

    @property
    def vote_count(self) -> int:
        """Number of votes."""
        return self.task.size

    @property
    def shares(self) -> FloatArray:
        """``[tasks, labels]`` share of the votes; uniform where nobody voted."""
        total = self.counts.sum(axis=1, keepdims=True)
        return np.where(total > 0, self.counts / np.maximum(total, 1.0), 1.0 / self.label_count)

    def per_task(self, values: FloatArray) -> FloatArray:
        """Add up over the votes of each task.

        Args:
            values: ``[annotators, answers, columns]`` what a vote adds.

        Returns:
            ``[tasks, columns]``.
        """
        flat = values.reshape(self.annotator_count * self.label_count, values.shape[2])
        return np.asarray(self._cells @ flat)

    def per_annotator(self, values: FloatArray) -> FloatArray:
        """Add up over the votes of each annotator.

        Args:
            values: ``[tasks, columns]`` what a vote on the task adds.

        Returns:
            ``[annotators, answers, columns]``.
        """
        added = self._cells.T @ values
        return np.asarray(added).reshape(self.annotator_count, self.label_count, values.shape[1])

    def only(self, kept: BoolArray | IntArray) -> Votes:
        """Return some of the votes, over the same tasks, annotators and labels.

        Args:
            kept: ``[votes]`` flags, or indices of votes.
        """
        return Votes.of(
            self.task[kept],
            self.annotator[kept],
            self.label[kept],
            task_count=self.task_count,
            annotator_count=self.annotator_count,
            label_count=self.label_count,
        )


def _small(values: IntArray, below: int) -> Any:
    """Indices of 32 bits where they suffice: half the memory of the table."""
    return values.astype(np.int32) if below <= np.iinfo(np.int32).max else values
