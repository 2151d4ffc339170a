"""Labels that come with a task become what the work begins with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts
from goldsmith.core.annotations import Labelling
from goldsmith.core.geometry import clip_to_image


class Reader(Protocol):
    """What reads responses of a task type."""

    def labelling_from(
        self, response: Any, checked: CheckedTask, item: ItemFacts, *, where: str = "response"
    ) -> Labelling:
        """Read a response."""
        ...


def with_prelabel(
    reader: Reader,
    checked: CheckedTask,
    response: Any,
    *,
    where: str = "hypothesis",
    item: ItemFacts | None = None,
    files: tuple[str, ...] = (),
) -> CheckedTask:
    """Return the task with its pre-labels, read at once so that faults are told when the task is made.

    Args:
        reader: The task type.
        checked: The task without them.
        response: As it came; None for none.
        where: The parameter it came in.
        item: What is known of the item when the task is made.
        files: URLs that it names; where there are some it is read only when they are here.
    """
    if response is None:
        return checked
    if not files:
        reader.labelling_from(response, checked, item or ItemFacts(), where=where)

    def prelabel(facts: ItemFacts) -> Labelling:
        return within(reader.labelling_from(response, checked, facts, where=where), facts)

    return replace(checked, prelabel=prelabel, files=files)


def within(labelling: Labelling, item: ItemFacts) -> Labelling:
    """Return what of the objects lies within the item; nothing of the rest is kept."""
    kept = []
    for annotation in labelling.annotations:
        shape = clip_to_image(annotation.geometry, width_px=item.width_px, height_px=item.height_px)
        if shape is not None:
            is_same = shape is annotation.geometry
            kept.append(annotation if is_same else annotation.model_copy(update={"geometry": shape}))
    return labelling.with_annotations(kept)
