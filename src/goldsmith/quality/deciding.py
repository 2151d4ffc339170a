"""A decision (a reviewer's fix, accepted labels) among the votes of its own task when that is judged again. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Container
from typing import Final

import numpy as np

from goldsmith.quality.types import DECIDER, ConsensusView, Vote
from goldsmith.science.consensus.existence import ExistenceRates
from goldsmith.science.consensus.types import DetectionSkill

LEAST_OF_DECIDED: Final = 0.9
"""Posterior of what a reviewer drew, however many people pass it over later; reviewers can take it back."""
_MARKS: Final = 0.97
"""Chance that the decider marks a real object."""
_INVENTS: Final = 0.1
"""Share of the most careful annotator's false marks that the decider makes."""
_NAMES: Final = 0.97
"""Chance that the decider gives the right class."""
_DRAWS: Final = 0.5
"""Share of the most exact annotator's noise that the decider draws with."""
_LEAST_FALSE_ALARMS: Final = 1e-4
_PAINTS: Final = 0.95
"""Share of disputed pixels that the decider tells rightly."""


def decided_vote(view: ConsensusView, *, classes: Container[str]) -> Vote:
    """Return a decision as a vote of the decider; objects of classes that are no longer known are left out."""
    said = Vote(view.task_id, view.submission_ids[0] if view.submission_ids else "", DECIDER, view.labelling)
    return known_only(said, classes=classes)


def known_only(vote: Vote, *, classes: Container[str]) -> Vote:
    """Return a vote without objects of classes that are not known."""
    known = [annotation for annotation in vote.labelling.annotations if annotation.class_id in classes]
    return vote._replace(labelling=vote.labelling.with_annotations(known))


def rates_with_decider(rates: ExistenceRates) -> ExistenceRates:
    """Add the decider, behind all who are known: who overlooks and invents less than anybody."""
    at = len(rates.detection) - 1
    careful = np.maximum(rates.false_alarms.min(axis=0) * _INVENTS, _LEAST_FALSE_ALARMS)
    return dataclasses.replace(
        rates,
        detection=np.insert(rates.detection, at, np.maximum(rates.detection.max(axis=0), _MARKS), axis=0),
        false_alarms=np.insert(rates.false_alarms, at, careful, axis=0),
    )


def with_decider(skill: DetectionSkill) -> DetectionSkill:
    """Add the decider, whose index is ``skill.annotator_count``: more careful than anybody who was measured.

    What a decider says is not measured: decided tasks are the hard ones, so its agreement with others would be
    blamed on the wrong side. Its numbers are set, and strong enough to stand against two usual annotators.
    """
    corners, masks = skill.corners, skill.masks
    at = skill.annotator_count
    classes = skill.class_count
    named = np.full((classes, classes), (1.0 - _NAMES) / max(classes - 1, 1))
    np.fill_diagonal(named, _NAMES if classes > 1 else 1.0)
    return dataclasses.replace(
        skill,
        rates=rates_with_decider(skill.rates),
        confusion=np.insert(skill.confusion, at, named, axis=0),
        corners=dataclasses.replace(
            corners,
            bias=np.insert(corners.bias, at, 0.0, axis=0),
            noise=np.insert(corners.noise, at, float(corners.noise.min()) * _DRAWS),
        ),
        masks=dataclasses.replace(
            masks,
            sensitivity=np.insert(masks.sensitivity, at, _PAINTS),
            specificity=np.insert(masks.specificity, at, _PAINTS),
        ),
    )
