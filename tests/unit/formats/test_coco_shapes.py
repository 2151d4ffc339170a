"""Shapes beyond boxes and polygons in COCO; pycocotools judges masks and keypoints."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from goldsmith.core.annotations import Annotation
from goldsmith.core.geometry import Box, Mask, Polygon, RotatedBox, Skeleton
from goldsmith.core.geometry.raster import pixels_in_image, pixels_of_rings
from goldsmith.core.plain import PlainLabelling, read_labelling
from goldsmith.formats import ReadOptions, Sample, get_format
from goldsmith.formats.coco import CocoDocument
from tests.unit.formats.made import (
    FACES,
    HEIGHT,
    WIDTH,
    assert_near,
    box,
    data_sets,
    masks,
    polygons_with_holes,
    read,
    sample,
    shapes_of_every_kind,
    skeletons,
    split_up,
    written,
    zip_of,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning"
)  # within pycocotools
_OWN_KEY_LOSSES = {"lines_and_points_in_own_key", "curves_in_own_key"}


def _object(shape: Any, annotation_id: str = "a", class_id: str = "car", **more: Any) -> Annotation:
    return Annotation(annotation_id=annotation_id, class_id=class_id, geometry=shape, **more)


def _document(samples: list[Sample], **more: Any) -> dict[str, Any]:
    source, _, _ = written("coco", samples, **more)
    found: dict[str, Any] = json.loads(source.open("annotations.json").read())
    return found


def _loaded(document: dict[str, Any], folder: Path) -> COCO:
    path = folder / "annotations.json"
    path.write_text(json.dumps(document))
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def _judged(record: dict[str, Any]) -> NDArray[np.bool_]:
    """The pixels that pycocotools sees in a segmentation."""
    segmentation = record["segmentation"]
    if isinstance(segmentation, list):
        segmentation = coco_mask.merge(coco_mask.frPyObjects(segmentation, HEIGHT, WIDTH))
    return np.asarray(coco_mask.decode(segmentation), dtype=np.bool_)


@given(data_sets(shapes=shapes_of_every_kind, at_least=1))
@settings(max_examples=35, deadline=None)
def test_every_kind_comes_back_as_it_was(samples: list[Sample]) -> None:
    source, report, _ = written("coco", samples)
    found, problems = read(source, "coco")
    assert problems == []
    assert set(report.losses) <= _OWN_KEY_LOSSES
    for back, was in zip(found, samples, strict=True):
        assert back.labelling == was.labelling


@given(data_sets(shapes=shapes_of_every_kind))
@settings(max_examples=25, deadline=None)
def test_a_stream_of_stored_labels_is_the_file_byte_by_byte(samples: list[Sample]) -> None:
    source, report, _ = written("coco", samples)
    with CocoDocument(None) as document:
        parts = [document.head()]
        for entry in samples:
            labelling = read_labelling(entry.labelling.as_json())
            assert isinstance(labelling, PlainLabelling)
            parts.append(
                document.add(
                    entry.name, labelling, width_px=entry.width, height_px=entry.height, metadata=entry.metadata,
                    split=entry.split, group=entry.group,
                )
            )  # fmt: skip
        parts += document.tail()
    assert b"".join(parts) == source.open("annotations.json").read()
    assert document.report.as_json() == report.as_json()


@given(masks())
@settings(max_examples=40, deadline=None)
def test_pycocotools_sees_the_pixels_of_a_mask(mask: Mask) -> None:
    (record,) = _document([sample(_object(mask))])["annotations"]
    assert np.array_equal(_judged(record), pixels_in_image(mask, width_px=WIDTH, height_px=HEIGHT))
    assert record["area"] == mask.area_px() == float(coco_mask.area(record["segmentation"]))
    left, top, across, down = record["bbox"]
    assert [left, top, across, down] == coco_mask.toBbox(record["segmentation"]).tolist()


@given(polygons_with_holes())
@settings(max_examples=40, deadline=None)
def test_pycocotools_sees_the_holes_of_a_polygon(polygon: Polygon) -> None:
    (record,) = _document([sample(_object(polygon))])["annotations"]
    assert np.array_equal(_judged(record), pixels_of_rings(polygon.rings, width_px=WIDTH, height_px=HEIGHT))


@given(masks(), st.booleans())
@settings(max_examples=35, deadline=None)
def test_masks_of_pycocotools_are_read_packed_and_as_lists(mask: Mask, is_packed: bool) -> None:
    pixels = pixels_in_image(mask, width_px=WIDTH, height_px=HEIGHT)
    rle = coco_mask.encode(np.asfortranarray(pixels.astype(np.uint8)))
    counts: Any = rle["counts"].decode()
    if not is_packed:
        flat = pixels.T.reshape(-1)
        edges = np.flatnonzero(np.diff(flat)) + 1
        counts = np.diff([0, *([0] if flat[0] else []), *edges, flat.size]).tolist()
    (found,), problems = _read_one(
        {"segmentation": {"size": [HEIGHT, WIDTH], "counts": counts}, "iscrowd": 1}
    )
    assert problems == []
    assert found == mask


def _read_one(record: dict[str, Any], category: dict[str, Any] | None = None, **options: Any) -> Any:
    document = {
        "images": [{"id": 7, "file_name": "a.png", "width": WIDTH, "height": HEIGHT}],
        "categories": [{"id": 3, "name": "car"} | (category or {})],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3} | record],
    }
    source = zip_of({"a.json": json.dumps(document)})
    (found,), problems = split_up(get_format("coco").read(source, options=ReadOptions(**options)))
    return [entry.geometry for entry in found.labelling.annotations], problems


@pytest.mark.parametrize(
    ("rle", "what"),
    [
        ({"size": [48, 64], "counts": [1, 2]}, "fill 3 pixels; the mask has 3072"),
        ({"size": [48, 64], "counts": [-1, 3073]}, "negative"),
        ({"size": [48, 64], "counts": [3072]}, "no pixel inside"),
        ({"size": [48, 64], "counts": []}, "no runs"),
        ({"size": [64, 48], "counts": [0, 3072]}, "for an image of 48 x 64"),
        ({"size": [48, 64], "counts": "\u00e9"}, "character"), ({"size": [48, 64], "counts": ""}, "empty"),
        ({"size": [48, 64], "counts": "oooo"}, "break off"), ({"size": [48, 64], "counts": "o" * 20 + "0"}, "large"),
        ({"size": [48, 64], "counts": "0L"}, "negative"), ({"size": [48], "counts": [1]}, "size"),
        ({"size": [48, 64], "counts": [1e30]}, "int"), ({"size": [48, 64]}, "counts"),
    ],
)  # fmt: skip
def test_broken_masks_are_listed_and_kept_as_their_box_where_there_is_one(rle: Any, what: str) -> None:
    found, (problem,) = _read_one({"segmentation": rle, "bbox": [1, 2, 3, 4]})
    assert [type(entry) for entry in found] == [Box]
    assert (problem.severity, problem.where) == ("warning", "a.json: annotations[0]")
    assert what in problem.what, problem.what
    found, (problem,) = _read_one({"segmentation": rle})
    assert found == []
    assert problem.severity == "refused"
    assert what in problem.what


def test_a_mask_that_claims_to_be_huge_takes_no_memory() -> None:
    document = {
        "images": [{"id": 7, "file_name": "a.png", "width": 999_999, "height": 999_999}],
        "categories": [{"id": 3, "name": "car"}],
        "annotations": [
            {
                "id": 1,
                "image_id": 7,
                "category_id": 3,
                "segmentation": {"size": [999_999] * 2, "counts": counts},
            }
            for counts in ([0, 999_999**2], [5, 1, 999_999**2 - 6], [5, 2**62, 1])
        ],
    }
    (found,), problems = read(zip_of({"a.json": json.dumps(document)}), "coco")
    assert [entry.annotation_id for entry in found.labelling.annotations] == ["coco-1"]
    assert [problem.severity for problem in problems] == ["refused", "refused"]
    assert "at most" in problems[0].what


def test_an_outline_in_parts_is_one_mask_or_a_group_of_polygons() -> None:
    parts = [[1, 1, 9, 1, 9, 9, 1, 9], [5, 5, 20, 5, 20, 12, 5, 12]]
    (mask,), problems = _read_one({"segmentation": parts})
    assert problems == []
    assert mask.area_px() == 8 * 8 + 15 * 7 - 4 * 4  # where parts overlap is covered too
    grouped, _ = _read_one({"segmentation": parts}, parts="group")
    assert [type(entry) for entry in grouped] == [Polygon, Polygon]
    document = {"bbox": [1, 1, 19, 11], "segmentation": parts}
    boxes, _ = _read_one(document, prefer="box")
    assert boxes == [Box(box_xyxy=(1, 1, 20, 12))]


def test_a_person_of_coco_is_a_skeleton_and_its_outline() -> None:
    keypoints = [3, 4, 2, 10, 12, 1, 0, 0, 0]
    category = {"keypoints": ["nose", "left_eye", "right_eye"], "skeleton": [[1, 2], [1, 3]]}
    outline = [[1, 1, 30, 1, 30, 30]]
    record = {"keypoints": keypoints, "num_keypoints": 2, "bbox": [1, 1, 29, 29], "segmentation": outline}
    found, problems = _read_one(record, category)
    assert problems == []
    assert [entry.kind for entry in found] == ["skeleton", "polygon"]
    assert [(node.node_id, node.at, node.state.value) for node in found[0].nodes] == [
        ("nose", (3, 4), "visible"), ("left_eye", (10, 12), "occluded"), ("right_eye", (0, 0), "outside"),
    ]  # fmt: skip
    assert [entry.kind for entry in _read_one(record | {"keypoints": [0] * 9}, category)[0]] == ["polygon"]
    assert [entry.kind for entry in _read_one(record | {"segmentation": []}, category)[0]] == [
        "skeleton",
        "box",
    ]
    only, _ = _read_one({"keypoints": keypoints, "bbox": [3, 4, 7, 8]}, category)
    assert [entry.kind for entry in only] == ["skeleton"]


@pytest.mark.parametrize(
    ("keypoints", "what"),
    [
        ([1, 2, 2], "3 numbers"),
        ([1, 2, 3, 0, 0, 0, 0, 0, 0], "0, 1 or 2"),
        ([1e9, 2, 2] * 3, "not a skeleton"),
    ],
)
def test_broken_keypoints_are_refused(keypoints: list[float], what: str) -> None:
    names = {"keypoints": ["nose", "left_eye", "right_eye"]}
    found, problems = _read_one({"keypoints": keypoints, "bbox": [1, 1, 3, 3]}, names)
    assert found == []
    assert what in problems[0].what


@given(skeletons())
@settings(max_examples=20, deadline=None)
def test_pycocotools_reads_keypoints(tmp_path_factory: pytest.TempPathFactory, skeleton: Skeleton) -> None:
    face = _object(skeleton, class_id="face")
    document = _document([sample(face, box(1, 2, 3, 4, annotation_id="b", class_id="bus"))], ontology=FACES)
    coco = _loaded(document, tmp_path_factory.mktemp("coco"))
    (category,) = coco.loadCats(coco.getCatIds(catNms=["face"]))
    assert category["keypoints"] == ["Nose", "Left eye", "Right eye"]
    assert category["skeleton"] == [[1, 2], [1, 3]]
    (record,) = coco.loadAnns(coco.getAnnIds(catIds=[category["id"]]))
    assert record["num_keypoints"] == sum(node.state != "outside" for node in skeleton.nodes)
    seen = record["keypoints"]
    for number, node in enumerate(skeleton.nodes):
        wanted = [0, 0, 0] if node.state == "outside" else [*node.at, 2 if node.state == "visible" else 1]
        assert seen[3 * number : 3 * number + 3] == wanted
    with contextlib.redirect_stdout(io.StringIO()):
        results = coco.loadRes(
            [{"image_id": 1, "category_id": category["id"], "keypoints": seen, "score": 0.9}]
        )
    assert len(results.anns) == 1


def test_templates_come_back_with_ids_names_places_and_edges() -> None:
    skeleton = Skeleton.model_validate(
        {
            "nodes": [
                {"node_id": entry.node_id, "at": (1, number)}
                for number, entry in enumerate(_template().nodes)
            ]
        }
    )
    source, _, _ = written("coco", [sample(_object(skeleton, class_id="face"))], ontology=FACES)
    known = get_format("coco").read_ontology(source)
    assert known is not None
    assert known.classes[0].skeleton == _template()
    (found,), problems = read(source, "coco")
    assert problems == []
    assert found.labelling.annotations[0].geometry == skeleton


def _template() -> Any:
    return FACES.classes[1].skeleton


def test_a_shape_of_our_own_counts_only_while_the_rest_says_the_same() -> None:
    turned = RotatedBox(center_xy=(30, 20), size_wh=(20, 10), angle_deg=30)
    source, _, _ = written("coco", [sample(_object(turned))])
    document = json.loads(source.open("annotations.json").read())
    document["annotations"][0]["segmentation"][0][0] += 1.5  # another tool moved a corner
    (found,), _ = read(zip_of({"a.json": json.dumps(document)}), "coco")
    assert found.labelling.annotations[0].geometry.kind == "polygon"
    document = json.loads(source.open("annotations.json").read())
    document["annotations"][0]["goldsmith"] = {"kind": "rotated_box", "center_xy": [1, "x"]}
    (found,), problems = read(zip_of({"a.json": json.dumps(document)}), "coco")
    assert found.labelling.annotations[0].geometry.kind == "polygon"
    assert problems == []


@given(data_sets(shapes=shapes_of_every_kind, rich=False, at_least=1))
@settings(max_examples=15, deadline=None)
def test_pycocotools_reads_every_file(
    tmp_path_factory: pytest.TempPathFactory, samples: list[Sample]
) -> None:
    document = _document(samples)
    coco = _loaded(document, tmp_path_factory.mktemp("coco"))
    for record in coco.anns.values():
        if record["segmentation"]:
            assert coco.annToMask(record).shape == (HEIGHT, WIDTH)


def test_images_of_unknown_size_hold_masks_too() -> None:
    mask = Mask(origin_xy=(3, 4), size_wh=(2, 2), runs=[0, 3, 1])
    labelling = sample(_object(mask)).labelling
    with CocoDocument(None) as document:
        part = document.add("a.png", labelling, width_px=0, height_px=0, metadata={})
    assert dict(document.report.losses) == {"unknown_size": 1}
    assert json.loads(part)["segmentation"]["size"] == [6, 5]


def test_shapes_are_near_as_made_samples_say() -> None:
    with pytest.raises(AssertionError):
        assert_near(Box(box_xyxy=(0, 0, 1, 1)), Box(box_xyxy=(0, 0, 1, 1.5)))
