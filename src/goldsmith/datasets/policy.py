"""Pure decisions: which labels enter a version, and what its datasheet says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Ontology
from goldsmith.datasets.types import Entry, LabelPolicy, VersionPolicy

REVIEWED_METHODS = frozenset({"review", "gold", "imported"})


class Selected(NamedTuple):
    """A label that enters, or the reason why it does not."""

    labelling: Labelling | None
    reason: str


def select_label(
    labelling: Labelling, *, label_kind: str, task_state: str, is_reviewed: bool, policy: LabelPolicy
) -> Selected:
    """Apply the policy to one label.

    Objects without a score (gold, imported, fixed by a reviewer) count as certain.

    Returns:
        What enters, or None with the reason, which the datasheet counts.
    """
    if label_kind not in policy.label_kinds:
        return Selected(None, f"label is {label_kind}")
    if task_state not in policy.task_states:
        return Selected(None, f"task is {task_state}")
    if policy.reviewed_only and not is_reviewed:
        return Selected(None, "not reviewed")
    sure = labelling.sure_from(policy.minimum_posterior)
    if len(sure.annotations) < len(labelling.annotations) and policy.below_minimum == "drop_item":
        return Selected(None, "holds an object below the posterior asked for")
    if not sure.annotations and not labelling.answers and not policy.include_empty:
        return Selected(None, "nothing is labelled on it")
    return Selected(sure, "")


def make_card(
    entries: Sequence[Entry],
    *,
    ontology: Ontology,
    policy: VersionPolicy,
    groups: Sequence[int],
    left_out: Counter[str],
    dropped_objects: int,
    made_ms: int,
) -> dict[str, object]:
    """Write the datasheet of a version.

    Returns:
        JSON-able facts: counts by split and class, sizes, how sure the labels are, who and what is behind them.
    """
    names = {entry.class_id: entry.name for entry in ontology.classes}
    by_split: dict[str, dict[str, Any]] = {}
    scores: list[float] = []
    for entry in entries:
        split = by_split.setdefault(
            entry.split, {"items": 0, "empty_items": 0, "objects": 0, "classes": Counter()}
        )
        split["items"] += 1
        split["objects"] += len(entry.labelling.annotations)
        split["empty_items"] += not entry.labelling.annotations
        split["classes"].update(names.get(a.class_id, a.class_id) for a in entry.labelling.annotations)
        scores.extend(a.score for a in entry.labelling.annotations if a.score is not None)
    for split in by_split.values():
        split["classes"] = dict(sorted(split["classes"].items()))
    sizes = Counter(groups)
    return {
        "made_ms": made_ms,
        "splits": dict(sorted(by_split.items())),
        "label_kinds": dict(Counter(entry.label_kind for entry in entries)),
        "left_out": dict(left_out),
        "objects_below_posterior": dropped_objects,
        "posterior": _summary(scores),
        "media": dict(sorted(Counter(entry.media_type.partition("/")[0] for entry in entries).items())),
        "groups": {"count": len(sizes), "largest": max(sizes.values(), default=0)},
        "image_size_px": {
            "width": _summary([entry.width_px for entry in entries]),
            "height": _summary([entry.height_px for entry in entries]),
        },
        "policy": policy.model_dump(mode="json"),
    }


def _summary(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    low, middle, high = np.quantile(np.asarray(values, dtype=float), [0.05, 0.5, 0.95])
    return {"p05": round(float(low), 4), "median": round(float(middle), 4), "p95": round(float(high), 4)}
