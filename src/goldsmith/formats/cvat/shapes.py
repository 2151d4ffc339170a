"""CVAT's shapes.

| CVAT | here |
|---|---|
| ``box``, with a ``rotation`` around its middle | box; rotated box where ``rotation`` is stated |
| ``polygon`` | polygon; holes hang on the ring by bridges |
| ``polyline`` | polyline |
| ``points`` | a point each; several are a group |
| ``ellipse`` | ellipse |
| ``mask``: runs row by row in ``left``, ``top``, ``width``, ``height`` | mask |
| ``cuboid``: front face ``..1``, back face ``..2`` | cuboid |
| ``skeleton`` of ``points`` | skeleton |

Curves, which CVAT has not, are written as polygons and polylines, with goldsmith's shape in an attribute of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import (
    AnyShape,
    Bezier,
    Box,
    Cuboid,
    Ellipse,
    Mask,
    NodeState,
    PointShape,
    Polyline,
    RotatedBox,
    Skeleton,
)
from goldsmith.core.geometry.measures import XY
from goldsmith.core.ontology import SkeletonTemplate
from goldsmith.formats.bridges import parted_as_polygon
from goldsmith.formats.own import OWN_KEY, is_same_path, own_json, path_of, read_own
from goldsmith.formats.runs import mask_from_rows
from goldsmith.formats.shapes import (
    box_from_corners,
    checked,
    ellipse_of,
    fitted,
    pairs,
    polygon_from_rings,
    rotated_box_of,
)

SHAPE_TAGS: Final = (
    "box", "polygon", "polyline", "points", "ellipse", "mask", "skeleton", "cuboid",
)  # fmt: skip
_CORNERS: Final = tuple(f"{place}{face}" for face in (1, 2) for place in ("tl", "tr", "br", "bl"))
_MAX_POINTS: Final = 1000
"""Points of one element that become objects of their own."""

_Size = tuple[int, int]


def shapes_of(element: Element, *, size: _Size, template: SkeletonTemplate | None) -> list[AnyShape]:
    """Return the shape of an element; several for several ``points``.

    Args:
        element: One of ``SHAPE_TAGS``.
        size: Width and height of the image in pixels.
        template: Of the class' skeletons, when it is known.

    Raises:
        InvalidInputError: The element does not hold.
    """
    width, height = size
    match element.tag:
        case "box":
            return [_box(element, size)]
        case "ellipse":
            return [_ellipse(element, size)]
        case "mask":
            return [_mask(element, size)]
        case "cuboid":
            corners = [(_number(element, f"x{place}"), _number(element, f"y{place}")) for place in _CORNERS]
            return [fitted(checked(Cuboid, {"corners": corners}), width=width, height=height)]
        case "skeleton":
            return [_skeleton(element, size, template)]
        case _:
            return _path(element, size)


def shape_attributes(shape: AnyShape) -> tuple[str, dict[str, str]]:
    """Return the element that a shape becomes, and the attributes that say where it is."""
    match shape:
        case Box():
            return "box", _corners(shape.box_xyxy)
        case RotatedBox():
            (x, y), (width, height) = shape.center_xy, shape.size_wh
            corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            return "box", _corners(corners) | {"rotation": number_text(shape.angle_deg)}
        case Ellipse():
            (x, y), (rx, ry) = shape.center_xy, shape.radii_xy
            turned = {"cx": x, "cy": y, "rx": rx, "ry": ry, "rotation": shape.angle_deg}
            return "ellipse", {key: number_text(value) for key, value in turned.items()}
        case Mask():
            (left, top), (width, height) = shape.origin_xy, shape.size_wh
            rle = ", ".join(map(str, shape.runs))
            return "mask", {
                "rle": rle, "left": str(left), "top": str(top), "width": str(width), "height": str(height),
            }  # fmt: skip
        case Cuboid():
            flat: dict[str, str] = {}
            for place, (x, y) in zip(_CORNERS, shape.corners, strict=True):
                flat |= {f"x{place}": number_text(x), f"y{place}": number_text(y)}
            return "cuboid", flat
        case PointShape():
            return "points", {"points": points_text([shape.point_xy])}
        case Skeleton():
            return "skeleton", {}
        case _:
            tag = "polyline" if isinstance(shape, Polyline) or _is_open(shape) else "polygon"
            values = {"points": points_text(path_of(shape) or [])}
            if isinstance(shape, Bezier):
                values[OWN_KEY] = bytes(own_json(shape)).decode()
            return tag, values


def number_text(value: float) -> str:
    """Return a number to a millionth, as short as it can be said."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def points_text(points: Sequence[XY]) -> str:
    """Return points as CVAT writes them: ``x,y;x,y``."""
    return ";".join(f"{number_text(x)},{number_text(y)}" for x, y in points)


def _is_open(shape: AnyShape) -> bool:
    return isinstance(shape, Bezier) and not shape.is_closed


def _corners(box_xyxy: tuple[float, float, float, float]) -> dict[str, str]:
    return {
        key: number_text(value) for key, value in zip(("xtl", "ytl", "xbr", "ybr"), box_xyxy, strict=True)
    }


def _box(element: Element, size: _Size) -> Box | RotatedBox:
    left, top, right, bottom = (_number(element, key) for key in ("xtl", "ytl", "xbr", "ybr"))
    if "rotation" not in element.attrib:
        return box_from_corners((left, top, right, bottom), width=size[0], height=size[1])
    turned = rotated_box_of(
        center_xy=((left + right) / 2, (top + bottom) / 2),
        size_wh=(right - left, bottom - top),
        angle_deg=_number(element, "rotation"),
    )
    return fitted(turned, width=size[0], height=size[1], what="box")


def _ellipse(element: Element, size: _Size) -> Ellipse:
    angle = _number(element, "rotation") if "rotation" in element.attrib else 0.0
    ellipse = ellipse_of(
        center_xy=(_number(element, "cx"), _number(element, "cy")),
        radii_xy=(_number(element, "rx"), _number(element, "ry")),
        angle_deg=angle,
    )
    return fitted(ellipse, width=size[0], height=size[1], what="ellipse")


def _mask(element: Element, size: _Size) -> Mask:
    values = {key: _whole(element, key) for key in ("left", "top", "width", "height")}
    try:
        runs = [int(entry) for entry in element.get("rle", "").split(",")]
    except ValueError as error:
        raise InvalidInputError("rle must be whole numbers, separated by commas") from error
    mask = mask_from_rows(
        runs, origin_xy=(values["left"], values["top"]), size_wh=(values["width"], values["height"])
    )
    return fitted(mask, width=size[0], height=size[1], what="mask")


def _path(element: Element, size: _Size) -> list[AnyShape]:
    width, height = size
    points = _points(element)
    own = read_own(element.get(OWN_KEY, ""))
    if own is not None and is_same_path(path_of(own) or [], points):
        return [own]
    if element.tag == "polygon":
        if len(points) < 3:
            raise InvalidInputError("a polygon needs at least three points")
        return [polygon_from_rings(parted_as_polygon(points), width=width, height=height)]
    if element.tag == "polyline":
        return [fitted(checked(Polyline, {"points": points}), width=width, height=height)]
    if len(points) > _MAX_POINTS:
        raise InvalidInputError(f"it has more than {_MAX_POINTS} points")
    return [fitted(checked(PointShape, {"point_xy": at}), width=width, height=height) for at in points]


def _skeleton(element: Element, size: _Size, template: SkeletonTemplate | None) -> Skeleton:
    found: dict[str, dict[str, object]] = {}
    for part in element:
        if part.tag == "attribute":
            continue
        name = part.get("label", "").strip()[:200]
        if part.tag != "points" or not name or name in found:
            raise InvalidInputError(
                "a skeleton is read where each of its elements is points with a label of its own"
            )
        state = NodeState.VISIBLE
        if part.get("outside") == "1":
            state = NodeState.OUTSIDE
        elif part.get("occluded") == "1":
            state = NodeState.OCCLUDED
        found[name] = {"node_id": name, "at": _points(part)[0], "state": state}
    nodes = list(found.values()) if template is None else _in_order(found, template)
    return fitted(checked(Skeleton, {"nodes": nodes}), width=size[0], height=size[1])


def _in_order(found: Mapping[str, dict[str, object]], template: SkeletonTemplate) -> list[dict[str, object]]:
    """Return nodes as the template orders them; those that CVAT has not are outside."""
    ids = {node.node_id: node.node_id for node in template.nodes} | {
        node.name: node.node_id for node in template.nodes
    }
    unknown = [name for name in found if name not in ids]
    if unknown:
        raise InvalidInputError(f"its element {unknown[0]!r} is not among the skeleton's labels")
    by_id = {ids[name]: node | {"node_id": ids[name]} for name, node in found.items()}
    absent: dict[str, object] = {"at": (0.0, 0.0), "state": NodeState.OUTSIDE}
    return [by_id.get(node.node_id, absent | {"node_id": node.node_id}) for node in template.nodes]


def _points(element: Element) -> list[XY]:
    text = element.get("points", "")
    try:
        numbers = [float(value) for pair in text.split(";") for value in _pair(pair)]
    except ValueError as error:
        raise InvalidInputError(f"points must be x,y;x,y;...: {str(error)[:80]}") from error
    return pairs(numbers, what=element.tag, at_least=1)


def _pair(text: str) -> tuple[str, str]:
    x, comma, y = text.partition(",")
    if not comma:
        raise ValueError(f"{text[:30]!r} is no pair")
    return x, y


def _number(element: Element, key: str) -> float:
    text = element.get(key)
    if text is None:
        raise InvalidInputError(f"<{element.tag}> lacks {key}")
    try:
        return float(text)
    except ValueError as error:
        raise InvalidInputError(f"{key} is not a number: {text[:50]!r}") from error


def _whole(element: Element, key: str) -> int:
    value = _number(element, key)
    if not value.is_integer() or abs(value) > 1e7:
        raise InvalidInputError(f"{key} is not a whole number: {element.get(key, '')[:50]!r}")
    return int(value)
