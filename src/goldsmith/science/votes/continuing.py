"""Going on from a fit: its parameters for votes, annotators and labels that came after it."""

from __future__ import annotations

from typing import Final

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.votes.classifier import ClassEvidence
from goldsmith.science.votes.table import Votes
from goldsmith.science.votes.types import FittedModel, LabelConsensus

GONE: Final = -1
"""In place of an index where there is none."""


def rows_of(votes: Votes) -> tuple[IntArray, IntArray]:
    """Newest vote of each task, and for each vote the one before it on its task; -1 for none."""
    order = np.argsort(votes.task, kind="stable")
    of_task = votes.task[order]
    before = np.full(votes.vote_count, GONE, dtype=np.int64)
    same = of_task[1:] == of_task[:-1]
    before[order[1:][same]] = order[:-1][same]
    first = np.full(votes.task_count, GONE, dtype=np.int64)
    first[of_task] = order
    return first, before


def checked(fitted: LabelConsensus, votes: Votes) -> tuple[FittedModel, ...]:
    """Return the models of a fit.

    Raises:
        InvalidInputError: They have no matrices, or are of more than there is in the votes.
    """
    if not fitted.models:
        raise InvalidInputError(
            "this kind of fit cannot take single votes; auto and the models with matrices can"
        )
    people, labels = fitted.confusion.shape[:2]
    if len(fitted.votes) > votes.task_count or people > votes.annotator_count or labels > votes.label_count:
        raise InvalidInputError("the fit is of more tasks, annotators or labels than there are")
    return fitted.models


def flags_of(fitted: LabelConsensus, annotator_count: int) -> BoolArray:
    """``[annotators]`` who is no person; whoever came after the fit is."""
    flags = np.zeros(annotator_count, dtype=np.bool_)
    told = next((model.is_model for model in fitted.models if model.is_model is not None), None)
    if told is not None:
        flags[: told.size] = told[:annotator_count]
    return flags


def before_votes(model: FittedModel, class_prior: FloatArray, stated: ClassEvidence) -> FloatArray:
    """``[tasks, labels]`` what a model expects before votes; ``[labels]`` where it expects the same of all."""
    return class_prior if model.evidence is None else stated.prior(class_prior, model.evidence)


def learn(
    model: FittedModel,
    is_model: BoolArray,
    annotators: IntArray,
    counts: FloatArray,
    matrices: FloatArray,
) -> None:
    """Write the matrices of some annotators anew from their counted answers; people and models apart."""
    for flag in (False, True):
        rows = annotators[is_model[annotators] == flag]
        if rows.size:
            told = np.maximum(counts[rows], 0.0)  # rounding may leave less than nothing
            matrices[rows] = model.skill_of(is_model=flag).updated(told, matrices[rows])


def widened(model: FittedModel, is_model: BoolArray, label_count: int) -> tuple[FloatArray, FloatArray]:
    """Matrices and class prior of a model, for annotators and labels that came after it as well."""
    people, seen = model.confusion.shape[:2]
    matrices = np.zeros((is_model.size, label_count, label_count))
    for flag in (False, True):
        if (is_model == flag).any():
            matrices[is_model == flag] = model.skill_of(is_model=flag).newcomer(label_count)
    if seen == label_count:
        matrices[:people] = model.confusion
        return matrices, model.class_prior
    # the rest of a row is for answers that the fit never saw
    kept = matrices[:people, :seen, :seen].sum(axis=2, keepdims=True)
    matrices[:people, :seen, :seen] = model.confusion * kept
    prior = np.append(model.class_prior, np.full(label_count - seen, 1.0 / label_count))
    return matrices, prior / prior.sum()
