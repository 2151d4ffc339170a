"""Objects that several annotators marked on the same images, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_boxes, as_indices
from goldsmith.science.forms import Form
from goldsmith.science.polygons import Rings, as_rings


@dataclass(frozen=True, slots=True)
class Marks:
    """One row per object that somebody marked.

    Attributes:
        image: ``[n]`` index of the image.
        annotator: ``[n]`` index of the annotator.
        class_index: ``[n]`` the class given.
        box_xyxy: ``[n, 4]`` pixels; of any other shape, its bounds.
        rings: ``[n]`` the polygon of each mark, None for a box; None instead of a tuple when all are boxes.
        forms: ``[n]`` places, line or pixels of each mark, None for what ``rings`` or ``box_xyxy`` tell; None instead
            of a tuple when no mark has any.
        kind: ``[n]`` what it was drawn as: 0 a box, 1 a polygon, others as the caller numbers them; only marks of one
            kind make one shape. None when there are only boxes and polygons.
    """

    image: IntArray
    annotator: IntArray
    class_index: IntArray
    box_xyxy: FloatArray
    rings: tuple[Rings | None, ...] | None = None
    forms: tuple[Form | None, ...] | None = None
    kind: IntArray | None = None

    @classmethod
    def of(
        cls,
        *,
        image: ArrayLike,
        annotator: ArrayLike,
        class_index: ArrayLike,
        box_xyxy: ArrayLike,
        rings: Sequence[Rings | None] | None = None,
        forms: Sequence[Form | None] | None = None,
        kind: ArrayLike | None = None,
    ) -> Marks:
        """Check the columns; where a polygon stands, its bounds replace the box.

        Raises:
            InvalidInputError: Columns of unequal length, a box turned inside out, a ring of fewer than 3 points.
        """
        images = as_indices("image", image)
        box = as_boxes("box_xyxy", box_xyxy, length=images.size)
        shapes = None
        if rings is not None:
            if len(rings) != images.size:
                raise InvalidInputError(f"rings has {len(rings)} entries where {images.size} are needed")
            shapes = tuple(None if one is None else as_rings("rings", one) for one in rings)
            box = box.copy()
            for i, shape in enumerate(shapes):
                if shape is not None:
                    box[i, :2], box[i, 2:] = shape[0].min(axis=0), shape[0].max(axis=0)
            shapes = shapes if any(shape is not None for shape in shapes) else None
        if forms is not None and len(forms) != images.size:
            raise InvalidInputError(f"forms has {len(forms)} entries where {images.size} are needed")
        if (box[:, 2:] < box[:, :2]).any():
            raise InvalidInputError("box_xyxy holds a box turned inside out; x0 <= x1 and y0 <= y1 must hold")
        return cls(
            image=images,
            annotator=as_indices("annotator", annotator, length=images.size),
            class_index=as_indices("class_index", class_index, length=images.size),
            box_xyxy=box,
            rings=shapes,
            forms=tuple(forms) if forms is not None and any(form is not None for form in forms) else None,
            kind=None if kind is None else as_indices("kind", kind, length=images.size),
        )

    def form_of(self, row: int) -> Form | None:
        """Places, line or pixels of one mark; None for a box or polygon."""
        return None if self.forms is None else self.forms[row]

    def kinds(self) -> IntArray:
        """``[n]`` what each was drawn as."""
        if self.kind is not None:
            return self.kind
        if self.rings is None:
            return np.zeros(len(self), dtype=np.int64)
        return np.array([ring is not None for ring in self.rings], dtype=np.int64)

    def reach_px(self) -> FloatArray:
        """``[n]`` how far something alike may lie outside a mark's bounds."""
        if self.forms is None:
            return np.zeros(len(self))
        return np.array([0.0 if form is None else form.reach_px for form in self.forms])

    def at(
        self, rows: IntArray, *, image: IntArray | None = None, annotator: IntArray | None = None
    ) -> Marks:
        """Some of the marks, in the order of ``rows``; with other images or annotators where these are given."""
        return Marks(
            image=self.image[rows] if image is None else image,
            annotator=self.annotator[rows] if annotator is None else annotator,
            class_index=self.class_index[rows],
            box_xyxy=self.box_xyxy[rows],
            rings=None if self.rings is None else tuple(self.rings[row] for row in rows.tolist()),
            forms=None if self.forms is None else tuple(self.forms[row] for row in rows.tolist()),
            kind=None if self.kind is None else self.kind[rows],
        )

    def joined(self, other: Marks) -> Marks:
        """These marks, followed by others."""
        rings, forms, kind = None, None, None
        if self.rings is not None or other.rings is not None:
            rings = (self.rings or (None,) * len(self)) + (other.rings or (None,) * len(other))
        if self.forms is not None or other.forms is not None:
            forms = (self.forms or (None,) * len(self)) + (other.forms or (None,) * len(other))
        if self.kind is not None or other.kind is not None:
            kind = np.concatenate([self.kinds(), other.kinds()])
        return Marks(
            image=np.concatenate([self.image, other.image]),
            annotator=np.concatenate([self.annotator, other.annotator]),
            class_index=np.concatenate([self.class_index, other.class_index]),
            box_xyxy=np.concatenate([self.box_xyxy, other.box_xyxy]),
            rings=rings,
            forms=forms,
            kind=kind,
        )

    def __len__(self) -> int:
        return self.image.size


@dataclass(frozen=True, slots=True)
class Looks:
    """Who looked at which image, also those who found nothing: their silence is evidence.

    Attributes:
        image: ``[m]``.
        annotator: ``[m]``.
    """

    image: IntArray
    annotator: IntArray

    @classmethod
    def of(cls, *, image: ArrayLike, annotator: ArrayLike) -> Looks:
        """Check the columns.

        Raises:
            InvalidInputError: Not indices, or of unequal length.
        """
        images = as_indices("image", image)
        return cls(images, as_indices("annotator", annotator, length=images.size))

    def with_marks(self, marks: Marks) -> Looks:
        """Each look once, by image and annotator, those of who marked something added."""
        people = int(max(self.annotator.max(initial=0), marks.annotator.max(initial=0))) + 1
        own, marked = self.image * people + self.annotator, marks.image * people + marks.annotator
        look = np.unique(np.concatenate([own, marked]))
        return Looks(look // people, look % people)
