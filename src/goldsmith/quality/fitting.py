"""The fitted skill of a project's annotators, as JSON and back."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from goldsmith.science.consensus.box_merge import CornerSkill
from goldsmith.science.consensus.detection import DetectionSkill
from goldsmith.science.consensus.existence import ExistenceRates

_DIGITS = 8


def skill_to_json(skill: DetectionSkill) -> dict[str, Any]:
    """Return plain lists and numbers, rounded to 8 digits."""
    return {field.name: _plain(getattr(skill, field.name)) for field in dataclasses.fields(skill)}


def skill_from_json(stored: dict[str, Any]) -> DetectionSkill:
    """Read what ``skill_to_json`` wrote."""
    rates, corners = stored["rates"], stored["corners"]
    return DetectionSkill(
        rates=ExistenceRates(
            detection=np.array(rates["detection"]),
            false_alarms=np.array(rates["false_alarms"]),
            objects=np.array(rates["objects"]),
            shared_error=rates["shared_error"],
        ),
        confusion=np.array(stored["confusion"]),
        class_prior=np.array(stored["class_prior"]),
        corners=CornerSkill(bias=np.array(corners["bias"]), noise=np.array(corners["noise"])),
        size_edges=np.array(stored["size_edges"]),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.round(value, _DIGITS).tolist()
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return round(float(value), _DIGITS)
