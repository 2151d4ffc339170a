import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from goldsmith.compat.scale_v1.task_types.segment.encodings import (
    extended_indexed_image,
    indexed_image,
    read_index_map,
)
from goldsmith.compat.scale_v1.task_types.types import ItemFacts, ParameterFault, ResponseFile, place_files
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Mask, Polygon
from goldsmith.core.geometry.raster import mask_of_pixels
from tests.unit.compat.scale_v1.task_types.made import SEGMENT, checked_of

TYPE, CHECKED = checked_of("segmentannotation", SEGMENT)
ITEM = ItemFacts(12, 8)
CLASS = {entry.name: entry.class_id for entry in CHECKED.ontology.classes}
LABELS = ["background", "road", "grass", "tree", "vehicle", "pedestrian"]


def pixels(file: ResponseFile) -> Any:
    with Image.open(io.BytesIO(file.data)) as picture:
        return np.asarray(picture)


def drawn(label: str, mask: Any, number: int = 0) -> Annotation:
    return Annotation(annotation_id=f"{label}{number}", class_id=CLASS[label], geometry=mask)


def rectangle(left: int, top: int, right: int, bottom: int) -> Mask:
    return Mask(
        origin_xy=(left, top), size_wh=(right - left, bottom - top), runs=[0, (right - left) * (bottom - top)]
    )


@settings(max_examples=50)
@given(st.lists(st.integers(0, 9), min_size=96, max_size=96))
def test_a_dense_segmentation_reads_back_exactly(owners: list[int]) -> None:
    grid = np.asarray(owners).reshape(8, 12)
    annotations = []
    for number, label in enumerate(
        [*LABELS[:4], "vehicle", "vehicle", "pedestrian", "vehicle", "pedestrian"], 1
    ):
        mask = mask_of_pixels(grid == number)
        if mask is not None:
            annotations.append(drawn(label, mask, number))
    labelling = Labelling(annotations=annotations)
    response = TYPE.response(labelling, CHECKED, ITEM)
    again = TYPE.labelling_from(response, CHECKED, ITEM)

    def said(one: Labelling) -> list[tuple[str, str]]:
        return sorted((entry.class_id, entry.geometry.model_dump_json()) for entry in one.annotations)

    assert said(again) == said(labelling)
    assert (
        TYPE.response(again, CHECKED, ITEM)["annotations"]["unlabeled"]
        == response["annotations"]["unlabeled"]
    )


def test_the_three_encodings_and_the_mapping() -> None:
    labelling = Labelling(
        annotations=[
            drawn("background", rectangle(0, 0, 12, 4)),
            drawn("background", rectangle(0, 4, 6, 5), 1),
            drawn("vehicle", rectangle(2, 2, 6, 6)),
            drawn("vehicle", rectangle(8, 2, 9, 3), 1),
        ]
    )
    body = TYPE.response(labelling, CHECKED, ITEM)
    mapping, files = body["labelMapping"], body["annotations"]
    assert [mapping[label]["index"] for label in LABELS[:4]] == [1, 2, 3, 4]
    assert [(entry["index"], entry["numPixels"]) for entry in mapping["vehicle"]] == [(5, 16), (6, 1)]
    assert "pedestrian" not in mapping
    indexed = pixels(files["combined"]["indexedImage"])
    assert indexed.shape == (8, 12)
    assert (indexed[0, 0], indexed[3, 3], indexed[2, 8], indexed[7, 11]) == (1, 5, 6, 0)
    extended = pixels(files["combined"]["extendedIndexedImage"])
    assert extended.shape == (8, 12, 4)
    assert tuple(extended[3, 3]) == (5, 0, 0, 255)
    image = pixels(files["combined"]["image"])
    assert tuple(image[7, 11]) == (0, 0, 0, 0)
    assert "#{:02x}{:02x}{:02x}".format(*image[3, 3][:3]) == mapping["vehicle"][0]["color"]
    assert set(files["labeled"]) == {"background", "vehicle"}
    assert [int((pixels(file)[..., 3] > 0).sum()) for file in files["labeled"]["vehicle"]] == [16, 1]
    assert int((pixels(files["unlabeled"])[..., 3] > 0).sum()) == int((indexed == 0).sum())


def test_indexes_beyond_8_and_16_bits() -> None:
    grid = np.arange(96, dtype=np.int32).reshape(8, 12) * 600
    assert np.array_equal(read_index_map(indexed_image(grid), is_extended=False), grid)
    assert np.array_equal(read_index_map(extended_indexed_image(grid * 200), is_extended=True), grid * 200)


def test_polygons_are_filled_and_overhang_is_cut() -> None:
    big = Polygon(rings=[[(-5, -5), (6, -5), (6, 50), (-5, 50)]])
    body = TYPE.response(Labelling(annotations=[drawn("road", big)]), CHECKED, ITEM)
    assert int((pixels(body["annotations"]["combined"]["indexedImage"]) == 2).sum()) == 48


def test_files_are_placed_and_fetched() -> None:
    labelling = TYPE.canned(CHECKED, ITEM)
    kept: dict[str, bytes] = {}

    def place(file: ResponseFile) -> str:
        kept["http://host/" + file.name] = file.data
        return "http://host/" + file.name

    body = place_files(TYPE.response(labelling, CHECKED, ITEM), place)
    assert body["annotations"]["combined"]["image"] == "http://host/image.png"
    _, task = checked_of("segmentannotation", {**SEGMENT, "hypothesis": body})
    assert task.files == ("http://host/indexed-image.png",)
    assert task.prelabel is not None
    found = task.prelabel(ItemFacts(12, 8, files=kept))
    assert [entry.geometry for entry in found.annotations] == [
        entry.geometry for entry in labelling.annotations
    ]
    with pytest.raises(ParameterFault, match="could not be fetched"):
        task.prelabel(ITEM)
    with pytest.raises(ParameterFault, match="must be 24 pixels wide and 16 high"):
        task.prelabel(ItemFacts(24, 16, files=kept))
    with pytest.raises(ParameterFault, match="is not an index image: it is not a picture"):
        task.prelabel(ItemFacts(12, 8, files={"http://host/indexed-image.png": b"GIF89a"}))
    wrong = {"http://host/indexed-image.png": kept["http://host/image.png"]}
    with pytest.raises(ParameterFault, match="is not an index image: it has more than one channel"):
        task.prelabel(ItemFacts(12, 8, files=wrong))


def test_attributes_of_instances_are_told_with_their_index() -> None:
    attributes = {
        "color": {"choices": ["red", "blue"], "conditions": {"label_condition": {"label": "vehicle"}}}
    }
    task_type, checked = checked_of("segmentannotation", {**SEGMENT, "annotation_attributes": attributes})
    labelling = task_type.canned(checked, ITEM)
    body = task_type.response(labelling, checked, ITEM)
    assert body["labelMapping"]["vehicle"][0]["attributes"] == {"color": "red"}
    assert "attributes" not in body["labelMapping"]["road"]
    again = task_type.labelling_from(body, checked, ITEM)
    assert [entry.attributes for entry in again.annotations] == [
        entry.attributes for entry in labelling.annotations
    ]


def test_parents_can_be_used_where_the_task_allows_it() -> None:
    assert set(CHECKED.class_ids) == {CLASS[label] for label in LABELS}
    _, checked = checked_of("segmentannotation", {**SEGMENT, "allow_parent_labels": True})
    assert len(checked.class_ids) == 7


def test_every_pixel_is_asked_for_unless_some_may_be_left() -> None:
    params = {**SEGMENT, "allow_unlabeled": False}
    assert checked_of("segmentannotation", params)[1].instructions == "Label every pixel."
    assert CHECKED.instructions == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"labels": None, "instance_labels": None}, '"labels" is required'),
        ({"labels": []}, '"labels" must contain at least 1 items'),
        ({"instance_labels": ["road"]}, '"labels" contains a duplicate value'),
        ({"allow_unlabeled": 3}, '"allow_unlabeled" must be a boolean'),
        ({"hypothesis": {"annotations": {}}}, '"hypothesis.labelMapping" is required'),
        ({"hypothesis": {"labelMapping": {}}}, '"hypothesis.annotations" is required'),
        (
            {"hypothesis": {"labelMapping": {}, "annotations": {"combined": {}}}},
            '"hypothesis.annotations.combined.indexedImage" is required',
        ),
    ],
)
def test_parameters_are_checked(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        checked_of("segmentannotation", {**SEGMENT, **changes})
    assert raised.value.reason == reason


def test_a_mapping_names_labels_and_each_index_once() -> None:
    body = TYPE.response(Labelling(), CHECKED, ITEM)
    with pytest.raises(ParameterFault, match=r'"response.labelMapping.sky" is not allowed'):
        TYPE.labelling_from({**body, "labelMapping": {"sky": {"index": 1}}}, CHECKED, ITEM)
    twice = {"road": {"index": 1}, "grass": {"index": 1}}
    with pytest.raises(
        ParameterFault, match=r'"response.labelMapping.grass.index" contains a duplicate value'
    ):
        TYPE.labelling_from({**body, "labelMapping": twice}, CHECKED, ITEM)
