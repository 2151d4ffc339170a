"""How alike pairs of marks are, whatever they were drawn as."""

from __future__ import annotations

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.forms import Form, Pixels, form_similarity
from goldsmith.science.marks import Marks
from goldsmith.science.polygons import Rings, polygon_iou, rings_of_box


def paired_similarity(
    marks: Marks, first: IntArray, second: IntArray, *, box_similarity: FloatArray
) -> FloatArray:
    """How alike pairs of marks are.

    Args:
        marks: The marks.
        first: ``[m]`` rows.
        second: ``[m]`` rows.
        box_similarity: ``[m]`` what stands where both are boxes.

    Returns:
        ``[m]`` in [0, 1]: exact intersection over union where both cover an area (of pixels, where one is a mask);
        nearness where both are places or both lines; 0 for a place or a line and anything else.

    >>> import numpy as np
    >>> ring = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])
    >>> marks = Marks.of(image=[0, 0], annotator=[0, 1], class_index=[0, 0], box_xyxy=[[0, 0, 10, 5]] * 2,
    ...                  rings=[[ring], None])
    >>> paired_similarity(marks, np.array([0]), np.array([1]), box_similarity=np.zeros(1)).tolist()
    [0.5]
    """
    if marks.rings is None and marks.forms is None:
        return box_similarity
    similarity = box_similarity.copy()
    known_pixels: dict[int, Pixels] = {}
    for i, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        forms = marks.form_of(one), marks.form_of(other)
        if forms[0] is not None or forms[1] is not None:
            try:
                similarity[i] = _of_forms(marks, (one, other), forms, known_pixels)
            except InvalidInputError:
                continue  # far larger than any image: their boxes tell enough
        elif marks.rings is not None and (marks.rings[one] is not None or marks.rings[other] is not None):
            similarity[i] = polygon_iou(_outline(marks, one), _outline(marks, other))
    return similarity


def _of_forms(
    marks: Marks,
    rows: tuple[int, int],
    forms: tuple[Form | None, Form | None],
    known_pixels: dict[int, Pixels],
) -> float:
    if not any(isinstance(form, Pixels) for form in forms):
        return form_similarity(*forms)
    alike = []
    for row, form in zip(rows, forms, strict=True):
        if form is None and row not in known_pixels:
            known_pixels[row] = Pixels.of_rings(_outline(marks, row))
        alike.append(known_pixels[row] if form is None else form)
    return form_similarity(*alike)


def _outline(marks: Marks, row: int) -> Rings:
    rings = None if marks.rings is None else marks.rings[row]
    return rings_of_box(marks.box_xyxy[row]) if rings is None else rings
