"""Labels as plain structs, for paths that carry them by the million: read ten times faster, in a third of the memory.

A shortcut and no second definition: what is read here, ``Labelling`` reads to the same values and writes as the same
text, and whatever is refused here is left to ``Labelling``, whose word counts and whose errors people see. Tests hold
the two together.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Self

import msgspec

from goldsmith.core.annotations import (
    MAX_ANNOTATIONS,
    MAX_RELATIONS,
    Annotation,
    AttributeValue,
    Labelling,
    RelationForm,
    relations_fault,
)
from goldsmith.core.geometry.boxes import BoxForm, RotatedBoxForm
from goldsmith.core.geometry.cuboids import CORNER_COUNT, CuboidForm
from goldsmith.core.geometry.curves import BezierForm, EllipseForm, NodeForm
from goldsmith.core.geometry.masks import MAX_MASK_PIXELS, MaskForm
from goldsmith.core.geometry.measures import has_extent
from goldsmith.core.geometry.points import NodeState, PointForm, SkeletonForm, SkeletonNodeForm
from goldsmith.core.geometry.polygons import PolygonForm, PolylineForm
from goldsmith.core.geometry.shape import (
    MAX_COORDINATE_PX,
    MAX_MASK_SIDE_PX,
    MAX_NODES,
    MAX_POINTS,
    MAX_RINGS,
    MAX_RUNS,
    MAX_SKELETON_NODES,
    Form,
)
from goldsmith.core.geometry.spans import MAX_TEXT_LENGTH, SpanForm

_Coordinate = Annotated[float, msgspec.Meta(ge=-MAX_COORDINATE_PX, le=MAX_COORDINATE_PX)]
_Length = Annotated[float, msgspec.Meta(gt=0.0, le=MAX_COORDINATE_PX)]
_Point = tuple[_Coordinate, _Coordinate]
_Ring = Annotated[list[_Point], msgspec.Meta(min_length=3, max_length=MAX_POINTS)]
_Whole = Annotated[int, msgspec.Meta(ge=-int(MAX_COORDINATE_PX), le=int(MAX_COORDINATE_PX))]
_Side = Annotated[int, msgspec.Meta(ge=1, le=MAX_MASK_SIDE_PX)]
_Run = Annotated[int, msgspec.Meta(ge=0, le=MAX_MASK_PIXELS)]
_Key = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Offset = Annotated[int, msgspec.Meta(ge=0, le=MAX_TEXT_LENGTH)]
_Score = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class PlainPart(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A shape or a part of one."""

    def changed(self, **values: Any) -> Self:
        """Return one like this with some fields changed."""
        return msgspec.structs.replace(self, **values)


class PlainBox(PlainPart, BoxForm, tag_field="kind", tag="box"):
    """``Box``."""

    box_xyxy: tuple[_Coordinate, _Coordinate, _Coordinate, _Coordinate]
    kind: ClassVar[str] = "box"

    def __post_init__(self) -> None:
        if not has_extent(self.box_xyxy):
            raise ValueError("no extent")


class PlainPolygon(PlainPart, PolygonForm, tag_field="kind", tag="polygon"):
    """``Polygon``."""

    rings: Annotated[list[_Ring], msgspec.Meta(min_length=1, max_length=MAX_RINGS)]
    kind: ClassVar[str] = "polygon"

    def __post_init__(self) -> None:
        _refuse_fault(self)


class PlainRotatedBox(PlainPart, RotatedBoxForm, tag_field="kind", tag="rotated_box"):
    """``RotatedBox``."""

    center_xy: _Point
    size_wh: tuple[_Length, _Length]
    angle_deg: Annotated[float, msgspec.Meta(ge=0.0, lt=360.0)] = 0.0
    kind: ClassVar[str] = "rotated_box"

    def __post_init__(self) -> None:
        _refuse_fault(self)


class PlainPolyline(PlainPart, PolylineForm, tag_field="kind", tag="polyline"):
    """``Polyline``."""

    points: Annotated[list[_Point], msgspec.Meta(min_length=2, max_length=MAX_POINTS)]
    kind: ClassVar[str] = "polyline"

    def __post_init__(self) -> None:
        _refuse_fault(self)


class PlainBezierNode(PlainPart, NodeForm):
    """``BezierNode``."""

    at: _Point
    handle_in: _Point
    handle_out: _Point


class PlainBezier(PlainPart, BezierForm, tag_field="kind", tag="bezier"):
    """``Bezier``."""

    nodes: Annotated[list[PlainBezierNode], msgspec.Meta(min_length=2, max_length=MAX_NODES)]
    is_closed: bool = False
    kind: ClassVar[str] = "bezier"

    def __post_init__(self) -> None:
        _refuse_fault(self)


class PlainMask(PlainPart, MaskForm, tag_field="kind", tag="mask"):
    """``Mask``."""

    origin_xy: tuple[_Whole, _Whole]
    size_wh: tuple[_Side, _Side]
    runs: Annotated[list[_Run], msgspec.Meta(min_length=2, max_length=MAX_RUNS)]
    kind: ClassVar[str] = "mask"

    def __post_init__(self) -> None:
        _refuse_fault(self)


class PlainEllipse(PlainPart, EllipseForm, tag_field="kind", tag="ellipse"):
    """``Ellipse``."""

    center_xy: _Point
    radii_xy: tuple[_Length, _Length]
    angle_deg: Annotated[float, msgspec.Meta(ge=0.0, lt=180.0)] = 0.0
    kind: ClassVar[str] = "ellipse"

    def __post_init__(self) -> None:
        _refuse_fault(self)


class PlainPoint(PlainPart, PointForm, tag_field="kind", tag="point"):
    """``PointShape``."""

    point_xy: _Point
    kind: ClassVar[str] = "point"


class PlainSkeletonNode(PlainPart, SkeletonNodeForm):
    """``SkeletonNode``."""

    node_id: _Key
    at: _Point
    state: NodeState = NodeState.VISIBLE


class PlainSkeleton(PlainPart, SkeletonForm, tag_field="kind", tag="skeleton"):
    """``Skeleton``."""

    nodes: Annotated[list[PlainSkeletonNode], msgspec.Meta(min_length=1, max_length=MAX_SKELETON_NODES)]
    kind: ClassVar[str] = "skeleton"

    def __post_init__(self) -> None:
        _refuse_fault(self)


class PlainCuboid(PlainPart, CuboidForm, tag_field="kind", tag="cuboid"):
    """``Cuboid``."""

    corners: Annotated[list[_Point], msgspec.Meta(min_length=CORNER_COUNT, max_length=CORNER_COUNT)]
    kind: ClassVar[str] = "cuboid"

    def __post_init__(self) -> None:
        _refuse_fault(self)


class PlainSpan(PlainPart, SpanForm, tag_field="kind", tag="span"):
    """``Span``."""

    start: _Offset
    end: _Offset
    kind: ClassVar[str] = "span"

    def __post_init__(self) -> None:
        _refuse_fault(self)


PlainGeometry = (
    PlainBox
    | PlainPolygon
    | PlainRotatedBox
    | PlainPolyline
    | PlainBezier
    | PlainMask
    | PlainEllipse
    | PlainPoint
    | PlainSkeleton
    | PlainCuboid
    | PlainSpan
)


def _refuse_fault(shape: Form) -> None:
    fault = shape.fault()
    if fault is not None:
        raise ValueError(fault)


class PlainAnnotation(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """``Annotation``."""

    annotation_id: _Key
    class_id: _Key
    geometry: PlainGeometry
    attributes: dict[str, AttributeValue] = {}
    is_occluded: bool = False
    is_truncated: bool = False
    score: _Score | None = None
    origin: str | None = None
    group_id: _Key | None = None


class PlainRelation(msgspec.Struct, RelationForm, forbid_unknown_fields=True, gc=False):
    """``Relation``."""

    relation_id: _Key
    relation_type_id: _Key
    from_id: _Key
    to_id: _Key
    score: _Score | None = None


class PlainLabelling(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """``Labelling``."""

    annotations: Annotated[list[PlainAnnotation], msgspec.Meta(max_length=MAX_ANNOTATIONS)] = []
    answers: dict[str, AttributeValue] = {}
    relations: Annotated[list[PlainRelation], msgspec.Meta(max_length=MAX_RELATIONS)] = []

    def __post_init__(self) -> None:
        ids = {annotation.annotation_id for annotation in self.annotations}
        if len(ids) < len(self.annotations):
            raise ValueError("an annotation_id is used twice")
        fault = relations_fault(self.relations, ids) if self.relations else None
        if fault is not None:
            raise ValueError(fault)

    def as_json(self) -> str:
        """Return its JSON text, as it is stored."""
        return _ENCODER.encode(self).decode()


AnyAnnotation = Annotation | PlainAnnotation
AnyLabelling = Labelling | PlainLabelling

_DECODER: Final = msgspec.json.Decoder(PlainLabelling)
_ENCODER: Final = msgspec.json.Encoder()


def read_labelling(text: bytes | str) -> AnyLabelling:
    """Read a labelling from JSON, whichever way is fastest.

    Raises:
        pydantic.ValidationError: It does not hold.
    """
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return Labelling.model_validate_json(text)
