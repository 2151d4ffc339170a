"""Parameters as the examples of Scale's reference have them, and labels made by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from goldsmith.compat.scale_v1.task_types.registry import task_type_of
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, TaskType
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box, Cuboid, Ellipse, PointShape, Polygon, Polyline, RotatedBox
from goldsmith.core.ontology import Attribute, AttributeKind, LabelClass

PICTURE = "http://host/a.jpg"
ITEM = ItemFacts(width_px=300, height_px=200)

IMAGE: dict[str, Any] = {
    "project": "kittens",
    "batch": "b1",
    "instruction": "Box the cows",
    "callback_url": "http://host/cb",
    "attachment": PICTURE,
    "attachment_type": "image",
    "unique_id": "c235d0",
    "metadata": {"k": 1},
    "priority": 30,
    "tags": ["x"],
    "geometries": {
        "box": {
            "objects_to_annotate": [
                "Baby Cow",
                {"choice": "Cow", "subchoices": ["Big", {"choice": "Old", "display": "old cow"}]},
            ],
            "min_height": 10,
            "min_width": 10,
        }
    },
    "annotation_attributes": {
        "occluded": {
            "type": "category",
            "description": "?",
            "choices": ["no", "yes"],
            "conditions": {"label_condition": {"label": "Big"}},
        }
    },
}

EVERYTHING: dict[str, Any] = {
    "attachment": PICTURE,
    "geometries": {
        "box": {"objects_to_annotate": ["car", "tree"], "can_rotate": True},
        "polygon": {"objects_to_annotate": ["car", "lake"], "min_vertices": 3, "max_vertices": 9},
        "line": {"objects_to_annotate": ["lane"]},
        "point": {"objects_to_annotate": ["light"]},
        "cuboid": {"objects_to_annotate": ["van"]},
        "ellipse": {"objects_to_annotate": ["wheel"]},
    },
    "annotation_attributes": {
        "parked": {"description": "Is it parked?", "choices": ["yes", "no", 3, True]},
        "seen": {"choices": ["front", "back"], "allow_multiple": True},
        "doors": {"type": "number", "min": 0, "max": 9},
        "heading": {"type": "angle"},
        "plate": {"type": "text", "conditions": {"attribute_conditions": [{"parked": "yes"}]}},
        "center": {"type": "x_offset"},
        "owner": {"type": "linked", "allowed_labels": ["car", "van"]},
        "weather": {"choices": ["sun", "rain"], "global": True},
    },
}

SEGMENT: dict[str, Any] = {
    "attachment": PICTURE,
    "attachment_type": "image",
    "labels": ["background", "road", {"choice": "plant", "subchoices": ["grass", "tree"]}],
    "instance_labels": ["vehicle", "pedestrian"],
    "allow_unlabeled": True,
}

NER: dict[str, Any] = {
    "text": "Alex Wang spoke at Transform \U0001f600 and Ada did not.\nThe end.",
    "labels": [
        {"name": "person", "description": "People", "attributes": {"is_real": {"choices": ["yes", "no"]}}},
        {"name": "place", "children": [{"name": "conference", "display_name": "Conference"}]},
    ],
    "relationships": [
        {
            "name": "speaker_at",
            "display_name": "speaks at",
            "is_directed": True,
            "source_label": "person",
            "target_label": "place",
        },
        {"name": "knows", "display_name": "knows", "source_label": "person", "target_label": "person"},
    ],
}

FORM: dict[str, Any] = {
    "attachments": [
        {"type": "website", "content": "https://www.scale.com/"},
        {"type": "text", "content": "Some **words**"},
        {"type": "pdf", "content": "http://host/a.pdf", "forms": ["about"]},
        {"type": "image", "content": PICTURE},
        {"type": "audio", "content": "http://host/a.mp3"},
        {"type": "video", "content": "http://host/a.mp4"},
    ],
    "fields": [
        {
            "type": "category",
            "field_id": "genre",
            "title": "Select all genres that apply.",
            "required": True,
            "choices": [
                {
                    "label": "Hip-Hop/Rap",
                    "value": "hip-hop-rap",
                    "hint": "Rhythmic",
                    "subchoices": [
                        {"label": "Dirty South", "value": "dirty-south"},
                        {"label": "Rap", "value": "rap"},
                    ],
                },
                {"label": "Other", "value": "other"},
            ],
            "min_choices": 1,
            "max_choices": 2,
        },
        {
            "type": "category",
            "field_id": "mood",
            "title": "Mood",
            "choices": [{"label": "Up", "value": True}, "down"],
        },
        {
            "type": "text",
            "field_id": "labels",
            "title": "Label",
            "max_responses_required": 3,
            "conditions": [{"mood": ["down"]}],
        },
        {"type": "number", "field_id": "price", "title": "Price", "min": 0, "max": 100, "suffix": "EUR"},
        {"type": "boolean", "field_id": "is_new", "title": "New?", "conditions": [{"not": {"mood": "down"}}]},
        {"type": "date", "field_id": "day", "title": "Day"},
        {"type": "ranking_order", "field_id": "order", "title": "Best first", "choices": ["a", "b", "c"]},
        {"type": "time_range", "field_id": "solo", "title": "Solo"},
        {
            "type": "form",
            "field_id": "about",
            "title": "About",
            "fields": [
                {
                    "type": "field_set",
                    "field_id": "items",
                    "title": "Item",
                    "min_responses_required": 1,
                    "max_responses_required": 2,
                    "required": True,
                    "fields": [
                        {"type": "text", "field_id": "item_name", "title": "Name", "required": True},
                        {
                            "type": "number",
                            "field_id": "item_price",
                            "title": "Price",
                            "conditions": [{"item_name": "soup"}],
                        },
                    ],
                }
            ],
        },
    ],
}

DOCUMENT: dict[str, Any] = {
    "instruction": "Please transcribe this receipt.",
    "attachment": "http://document.host/receipt-20200519.jpg",
    "features": [
        {"type": "block", "label": "barcode"},
        {
            "type": "group",
            "title": "line item",
            "features": [
                {"type": "text", "label": "quantity"},
                {"type": "text", "label": "price", "flags": ["money"]},
            ],
        },
    ],
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "imageannotation": IMAGE,
    "annotation": {
        "instruction": "Draw a box around each **baby cow** and **big cow**",
        "attachment_type": "image",
        "attachment": "http://i.host/v4cBreD.jpg",
        "min_width": "30",
        "min_height": "30",
        "objects_to_annotate": ["baby cow", "big cow"],
        "with_labels": True,
        "examples": [
            {"correct": True, "image": "http://i.host/lj6.jpg", "explanation": "The boxes are tight"}
        ],
    },
    "polygonannotation": {"attachment": PICTURE, "objects_to_annotate": ["big cow"], "with_labels": True},
    "lineannotation": {"attachment": PICTURE, "objects_to_annotate": ["big cow"], "splines": False},
    "pointannotation": {"attachment": PICTURE, "objects_to_annotate": ["headlight", "brakelight"]},
    "cuboidannotation": {
        "attachment": PICTURE,
        "objects_to_annotate": ["car", "truck"],
        "min_annotations": 0,
        "max_annotations": 0,
    },
    "segmentannotation": SEGMENT,
    "categorization": {
        "instruction": "Is this company public or private?",
        "attachment_type": "website",
        "force": True,
        "attachment": "http://www.host.com/",
        "categories": ["public", "private"],
    },
    "comparison": {
        "attachments": [PICTURE, "http://host/b.jpg"],
        "attachment_type": "image",
        "choices": ["yes", "no"],
    },
    "namedentityrecognition": NER,
    "textcollection": FORM,
    "datacollection": {
        "attachment_type": "website",
        "attachment": "http://www.host.com/",
        "fields": {"hiring_page": "Hiring Page URL"},
    },
    "transcription": {
        "attachment_type": "website",
        "attachment": "http://www.host.com/",
        "fields": {"title": "Title of Webpage", "top_result": "Title of the top result"},
        "repeatable_fields": {"title": "Username of submitter", "comment_count": "Number of comments"},
    },
    "documenttranscription": DOCUMENT,
}


def checked_of(name: str, params: dict[str, Any]) -> tuple[TaskType, CheckedTask]:
    task_type = task_type_of(name)
    return task_type, task_type.check(params)


def near(value: float) -> float:
    return round(value * 4) / 4


numbers = st.integers(0, 800).map(lambda value: value / 4)
lengths = st.integers(4, 400).map(lambda value: value / 4)
points = st.tuples(numbers, numbers)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    (x, y), width, height = draw(points), draw(lengths), draw(lengths)
    return Box(box_xyxy=(x, y, x + width, y + height))


rotated_boxes = st.builds(
    RotatedBox,
    center_xy=points,
    size_wh=st.tuples(lengths, lengths),
    angle_deg=st.integers(1, 359).map(float),
)
ellipses = st.builds(
    Ellipse, center_xy=points, radii_xy=st.tuples(lengths, lengths), angle_deg=st.integers(0, 179).map(float)
)
point_shapes = st.builds(PointShape, point_xy=points)


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    (x, y), width, height = draw(points), draw(lengths), draw(lengths)
    more = draw(st.lists(points, max_size=4))
    return Polygon(rings=[[(x, y), (x + width, y), (x, y + height), *more]])


@st.composite
def polylines(draw: st.DrawFn) -> Polyline:
    (x, y), width = draw(points), draw(lengths)
    return Polyline(points=[(x, y), (x + width, y), *draw(st.lists(points, max_size=4))])


@st.composite
def cuboids(draw: st.DrawFn) -> Cuboid:
    (x, y), width, height = draw(points), draw(lengths), draw(lengths)
    front = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return Cuboid(corners=[*front, *draw(st.lists(points, min_size=4, max_size=4))])


SHAPES = {
    "box": boxes(),
    "rotated_box": rotated_boxes,
    "polygon": polygons(),
    "polyline": polylines(),
    "point": point_shapes,
    "cuboid": cuboids(),
    "ellipse": ellipses,
}


@st.composite
def values(draw: st.DrawFn, attributes: list[Attribute]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in attributes:
        options = [option.option_id for option in attribute.options]
        low = attribute.minimum if attribute.minimum is not None else -1000
        high = attribute.maximum if attribute.maximum is not None else 1000
        strategy: st.SearchStrategy[Any] = {
            AttributeKind.CHOICE: st.sampled_from(options or [""]),
            AttributeKind.MULTI_CHOICE: st.lists(
                st.sampled_from(options or [""]), min_size=1, max_size=2, unique=True
            ),
            AttributeKind.RANKING: st.permutations(options),
            AttributeKind.NUMBER: st.integers(int(low), int(high)).map(float),
            AttributeKind.TEXT: texts,
            AttributeKind.BOOLEAN: st.booleans(),
            AttributeKind.DATE: st.dates().map(str),
        }[attribute.kind]
        if attribute.is_required or draw(st.booleans()):
            found[attribute.attribute_id] = draw(strategy)
    return found


@st.composite
def annotations(draw: st.DrawFn, classes: list[LabelClass]) -> list[Annotation]:
    found = []
    for number in range(draw(st.integers(0, 5))):
        label_class = draw(st.sampled_from(classes))
        shape = draw(SHAPES[draw(st.sampled_from(label_class.geometry_kinds))])
        found.append(
            Annotation(
                annotation_id=f"a{number}",
                class_id=label_class.class_id,
                geometry=shape,
                attributes=draw(values(label_class.attributes)),
            )
        )
    return found


def usable(checked: CheckedTask) -> list[LabelClass]:
    return [entry for entry in checked.ontology.classes if entry.class_id in checked.class_ids]


def assert_near(one: Labelling, other: Labelling) -> None:
    """Compare labellings as exactly as floats allow."""

    def plain(value: Any) -> Any:
        if isinstance(value, float):
            return round(value, 6) + 0.0
        if isinstance(value, dict):
            return {key: plain(entry) for key, entry in value.items()}
        return [plain(entry) for entry in value] if isinstance(value, list | tuple) else value

    assert plain(one.model_dump()) == plain(other.model_dump())
