"""From what a frame shows to its gold labelling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box, Polygon
from goldsmith.demo.world.silhouette import simplified, trace_outlines
from goldsmith.demo.world.types import SUPERSAMPLING, VisibleObject, WorldOptions

_TOLERANCE_PX = 0.6


def is_labelled(seen: VisibleObject, options: WorldOptions) -> bool:
    """Say whether enough of an object shows for it to be labelled."""
    left, top, right, bottom = seen.box_xyxy
    return (
        seen.visible_px >= options.min_visible_px
        and min(right - left, bottom - top) >= options.min_side_px
        and seen.visible_fraction >= options.min_visible_fraction
    )


def gold_labelling(
    objects: tuple[VisibleObject, ...], ids: NDArray[np.uint8], *, prefix: str, is_polygon: bool
) -> Labelling:
    """Return the exact labelling of the objects of a frame.

    Args:
        objects: What is to be labelled.
        ids: Id buffer of the frame.
        prefix: Start of the annotation ids; the actor id follows.
        is_polygon: Outline of the largest visible part instead of the tight box.
    """
    annotations = [
        Annotation(
            annotation_id=f"{prefix}-{seen.actor.actor_id:03d}",
            class_id=seen.actor.kind.value,
            geometry=outline_of(seen, ids) if is_polygon else Box(box_xyxy=seen.box_xyxy),
            attributes=dict(seen.actor.attributes),
            is_occluded=seen.is_occluded,
            is_truncated=seen.is_truncated,
        )
        for seen in objects
    ]
    return Labelling(annotations=annotations)


def outline_of(seen: VisibleObject, ids: NDArray[np.uint8]) -> Polygon:
    """Return the outline of the largest visible part of an object, in pixels of the picture."""
    left, top, right, bottom = (round(value * SUPERSAMPLING) for value in seen.box_xyxy)
    rings = trace_outlines(ids[top:bottom, left:right] == seen.actor.actor_id)
    ring = simplified(rings[0], tolerance_px=_TOLERANCE_PX * SUPERSAMPLING)
    return Polygon(rings=[[((x + left) / SUPERSAMPLING, (y + top) / SUPERSAMPLING) for x, y in ring]])
