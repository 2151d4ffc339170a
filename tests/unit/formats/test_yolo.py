from __future__ import annotations

import contextlib
import dataclasses

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Box, Ellipse, NodeState, Polygon, RotatedBox, Skeleton
from goldsmith.core.geometry.raster import mask_of_rings
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.formats import ReadOptions, ReadProblem, Sample, WriteOptions, get_format
from goldsmith.formats.types import YoloVariant
from goldsmith.formats.yolo.variants import variant_of_kinds
from tests.unit.formats.made import (
    FACES,
    HEIGHT,
    ONE_OF_EACH,
    TEMPLATE,
    WIDTH,
    assert_near,
    box,
    boxes,
    canonical_rings,
    data_sets,
    masks,
    png,
    polygons_with_holes,
    read,
    rotated_boxes,
    rounded_polygons,
    sample,
    skeletons,
    split_up,
    written,
    zip_of,
)


def _is_inside(shape: RotatedBox) -> bool:
    left, top, right, bottom = shape.bounds_xyxy()
    return left >= 0 and top >= 0 and right <= WIDTH and bottom <= HEIGHT


_YAML = "names: [car, bus]\n"


def _lines(*lines: str) -> dict[str, bytes | str]:
    return {"data.yaml": _YAML, "images/a.png": png(), "labels/a.txt": "\n".join(lines)}


def _assert_same_but_for_names(
    found: list[Sample], samples: list[Sample], *, within_px: float = 0.01
) -> None:
    by_name = {entry.name: entry for entry in found}
    assert sorted(by_name) == sorted(entry.name for entry in samples)
    for was in samples:
        back = by_name[was.name]
        assert (back.split, back.width, back.height) == (was.split, was.width, was.height)
        for one, other in zip(back.labelling.annotations, was.labelling.annotations, strict=True):
            assert one.class_id == other.class_id
            assert_near(one.geometry, other.geometry, within_px=within_px)


def _refused(problems: list[ReadProblem]) -> list[ReadProblem]:
    return [problem for problem in problems if problem.severity == "refused"]


@given(
    data_sets(shapes=boxes(), rich=False, at_least=1)
    | data_sets(shapes=rounded_polygons(), rich=False, at_least=1)
)
@settings(max_examples=35, deadline=None)
def test_boxes_and_polygons_are_read_back(samples: list[Sample]) -> None:
    source, report, _ = written("yolo", samples)
    found, problems = read(source, "yolo")
    assert _refused(problems) == []
    assert report.is_lossless
    _assert_same_but_for_names(found, samples)


@given(data_sets(shapes=polygons_with_holes(), rich=False, at_least=1))
@settings(max_examples=20, deadline=None)
def test_holes_hang_on_bridges_and_are_read_back(samples: list[Sample]) -> None:
    source, report, _ = written("yolo", samples)
    found, problems = read(source, "yolo")
    assert _refused(problems) == []
    assert report.is_lossless
    for back, was in zip(sorted(found, key=_name), sorted(samples, key=_name), strict=True):
        for one, other in zip(back.labelling.annotations, was.labelling.annotations, strict=True):
            assert isinstance(one.geometry, Polygon)
            assert isinstance(other.geometry, Polygon)
            assert one.geometry.area_px() == pytest.approx(other.geometry.area_px(), abs=0.01)
            rings = [[(round(x, 2), round(y, 2)) for x, y in ring] for ring in one.geometry.rings]
            assert canonical_rings(rings) == canonical_rings(other.geometry.rings)


def _name(entry: Sample) -> str:
    return entry.name


@given(data_sets(shapes=masks(), rich=False, at_least=1))
@settings(max_examples=20, deadline=None)
def test_segments_of_masks_cover_their_pixels(samples: list[Sample]) -> None:
    source, report, _ = written("yolo", samples)
    found, _ = read(source, "yolo")
    masks_written = sum(len(entry.labelling.annotations) for entry in samples)
    assert report.losses["masks_as_polygons"] == masks_written == report.annotations
    for back, was in zip(sorted(found, key=_name), sorted(samples, key=_name), strict=True):
        for one, other in zip(back.labelling.annotations, was.labelling.annotations, strict=True):
            tidy = one.geometry.outline() or []
            rings = [[(round(x), round(y)) for x, y in ring] for ring in tidy]
            assert mask_of_rings(rings, width_px=WIDTH, height_px=HEIGHT) == other.geometry


@given(data_sets(shapes=rotated_boxes.filter(_is_inside), rich=False, at_least=1))
@settings(max_examples=25, deadline=None)
def test_rotated_boxes_are_read_back(samples: list[Sample]) -> None:
    source, report, _ = written("yolo", samples)
    found, problems = read(source, "yolo")
    assert _refused(problems) == []
    assert report.is_lossless
    by_name = {entry.name: entry for entry in found}
    for was in samples:
        for one, other in zip(
            by_name[was.name].labelling.annotations, was.labelling.annotations, strict=True
        ):
            assert isinstance(one.geometry, RotatedBox)
            assert isinstance(other.geometry, RotatedBox)
            for corner, wanted in zip(one.geometry.corners(), other.geometry.corners(), strict=True):
                assert corner == pytest.approx(wanted, abs=0.01)


@given(data_sets(shapes=skeletons(), rich=False, at_least=1))
@settings(max_examples=25, deadline=None)
def test_skeletons_are_read_back(samples: list[Sample]) -> None:
    samples = [_with_class(entry, "face") for entry in samples]
    source, report, _ = written("yolo", samples, ontology=FACES)
    found, problems = read(source, "yolo")
    assert problems == []
    assert report.is_lossless
    by_name = {entry.name: entry for entry in found}
    for was in samples:
        for one, other in zip(
            by_name[was.name].labelling.annotations, was.labelling.annotations, strict=True
        ):
            assert isinstance(one.geometry, Skeleton)
            assert isinstance(other.geometry, Skeleton)
            for node, wanted in zip(one.geometry.nodes, other.geometry.nodes, strict=True):
                assert (node.node_id, node.state) == (wanted.node_id, wanted.state)
                if node.state is not NodeState.OUTSIDE:
                    assert node.at == pytest.approx(wanted.at, abs=0.01)
    description = yaml.safe_load(source.open("data.yaml").read())
    assert description["kpt_shape"] == [3, 3]
    assert description["flip_idx"] == [0, 2, 1]
    assert description["kpt_names"] == {1: ["Nose", "Left eye", "Right eye"]}
    known = get_format("yolo").read_ontology(source)
    assert known is not None
    assert known.find_class("face") is not None
    assert [entry.skeleton for entry in known.classes if entry.class_id == "face"] == [TEMPLATE]


def _with_class(entry: Sample, class_id: str) -> Sample:
    changed = [found.model_copy(update={"class_id": class_id}) for found in entry.labelling.annotations]
    return dataclasses.replace(entry, labelling=Labelling(annotations=changed))


@pytest.mark.parametrize(
    ("variant", "losses"),
    [
        ("detect", {"polygons_as_boxes", "masks_as_boxes", "rotated_boxes_as_boxes", "polylines_as_boxes",
                    "beziers_as_boxes", "ellipses_as_boxes", "points_left_out", "skeletons_as_boxes",
                    "cuboids_as_boxes"}),
        ("segment", {"boxes_as_polygons", "masks_as_polygons", "rotated_boxes_as_polygons", "polylines_left_out",
                     "beziers_as_polygons", "ellipses_as_polygons", "points_left_out", "skeletons_left_out",
                     "cuboids_as_polygons"}),
        ("obb", {"boxes_as_rotated_boxes", "polygons_as_rotated_boxes", "masks_as_rotated_boxes",
                 "polylines_as_rotated_boxes", "beziers_as_rotated_boxes", "ellipses_as_rotated_boxes",
                 "points_left_out", "skeletons_left_out", "overhanging_shapes", "cuboids_as_rotated_boxes"}),
        ("pose", {"polygons_as_boxes", "masks_as_boxes", "rotated_boxes_as_boxes", "polylines_as_boxes",
                  "beziers_as_boxes", "ellipses_as_boxes", "points_left_out", "cuboids_as_boxes"}),
    ],
)  # fmt: skip
def test_each_variant_tells_what_becomes_of_the_other_kinds(variant: YoloVariant, losses: set[str]) -> None:
    everything = sample(
        *(
            Annotation(annotation_id=kind, class_id="face", geometry=shape)
            for kind, shape in ONE_OF_EACH.items()
        ),
        split="train",
    )
    source, report, _ = written("yolo", [everything], options=WriteOptions(yolo_variant=variant))
    assert set(report.losses) == losses
    found, problems = split_up(get_format("yolo").read(source))
    assert _refused(problems) == []
    written_kinds = {entry.geometry.kind for entry in found[0].labelling.annotations}
    assert written_kinds == {"detect": {"box"}, "segment": {"polygon"}, "obb": {"rotated_box"},
                             "pose": {"box", "skeleton"}}[variant]  # fmt: skip
    assert report.annotations == len(ONE_OF_EACH) - sum(
        count for kind, count in report.losses.items() if kind.endswith("left_out")
    )


@pytest.mark.parametrize(
    ("kinds", "variant"),
    [
        ({"box"}, "detect"), ({"box", "polygon"}, "segment"), ({"mask"}, "segment"), ({"rotated_box", "box"}, "obb"),
        ({"skeleton", "box"}, "pose"), ({"skeleton", "polygon"}, "segment"), ({"point"}, "detect"),
        ({"rotated_box", "polygon"}, "segment"), (set(), "detect"),
    ],
)  # fmt: skip
def test_what_is_drawn_decides_the_variant(kinds: set[str], variant: str) -> None:
    assert variant_of_kinds(kinds) == variant


def test_keypoints_need_a_skeleton() -> None:
    with pytest.raises(InvalidInputError, match="skeleton"):
        written("yolo", [sample(box(1, 2, 3, 4))], options=WriteOptions(yolo_variant="pose"))


def test_shapes_over_the_border_are_cut_and_told() -> None:
    ellipse = Annotation(
        annotation_id="a", class_id="car", geometry=Ellipse(center_xy=(2, 20), radii_xy=(10, 8), angle_deg=0)
    )
    turned = Annotation(
        annotation_id="b",
        class_id="car",
        geometry=RotatedBox(center_xy=(60, 20), size_wh=(20, 10), angle_deg=20),
    )
    source, report, _ = written("yolo", [sample(ellipse, turned, split="train")])
    assert report.losses["overhanging_shapes"] == 2
    (found,), problems = read(source, "yolo")
    assert _refused(problems) == []
    assert found.labelling.annotations[0].geometry.bounds_xyxy() == pytest.approx((0, 12, 12, 28), abs=0.3)


def test_corners_of_other_tools_are_told_from_polygons() -> None:
    turned = "0 0.25 0.25 0.5 0.5833333 0.375 0.75 0.125 0.4166667"  # right angles on 64 x 48
    (found,), _ = read(zip_of(_lines(turned)), "yolo")
    assert [entry.geometry.kind for entry in found.labelling.annotations] == ["rotated_box"]
    upright = "0 0.25 0.25 0.5 0.25 0.5 0.5 0.25 0.5"
    (found,), _ = read(zip_of(_lines(upright)), "yolo")
    assert [entry.geometry.kind for entry in found.labelling.annotations] == ["polygon"]
    (found,), _ = read(zip_of(_lines(turned, "0 0.25 0.25 0.5 0.25 0.5 0.5")), "yolo")
    assert [entry.geometry.kind for entry in found.labelling.annotations] == ["polygon", "polygon"]
    source = zip_of(_lines(upright))
    (found,), _ = split_up(get_format("yolo").read(source, options=ReadOptions(yolo_variant="obb")))
    assert [entry.geometry.kind for entry in found.labelling.annotations] == ["rotated_box"]


_POSE = "names: [face]\nkpt_shape: [2, 3]\n"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("0 .5 .5 .5 .5 .5 .5 2", "7 numbers"), ("0 .5 .5 .5 .5 .5 .5 3 0 0 0", "0, 1 or 2"),
        ("0 .5 .5 .5 .5 .5 7 2 0 0 0", "pixels"), ("0 .5 .5 .5 .5 nan .5 2 0 0 0", "between 0 and 1"),
        ("0 .5 .5 .5 .5 .5 .5 2 0 0 0 9", "score"),
    ],
)  # fmt: skip
def test_broken_keypoints_are_listed(line: str, what: str) -> None:
    (found,), problems = read(zip_of(_lines(line) | {"data.yaml": _POSE}), "yolo")
    assert found.labelling.annotations == []
    assert what in problems[0].what


def test_keypoints_of_other_tools_become_skeletons_with_their_boxes() -> None:
    lines = _lines(
        "0 .5 .5 .5 .5 .5 .5 2 .25 .25 1", "0 .5 .5 .5 .5 0 0 0 0 0 0", "0 .5 .5 .5 .5 .3 .5 2 .25 .25 1 0.75"
    )
    (found,), problems = read(zip_of(lines | {"data.yaml": _POSE}), "yolo")
    assert problems == []
    kinds = [(entry.geometry.kind, entry.group_id, entry.score) for entry in found.labelling.annotations]
    assert kinds == [
        ("skeleton", "line-1", None), ("box", "line-1", None), ("box", None, None),
        ("skeleton", "line-3", 0.75), ("box", "line-3", 0.75),
    ]  # fmt: skip
    flat = "names: [face]\nkpt_shape: [2, 2]\n"
    (found,), problems = read(
        zip_of(_lines("0 .375 .375 .25 .25 .5 .5 .25 .25") | {"data.yaml": flat}), "yolo"
    )
    assert [entry.geometry.kind for entry in found.labelling.annotations] == ["skeleton"]


@pytest.mark.parametrize("shape", ["[0, 3]", "[2, 4]", "[x, 3]", "5", "[99999, 3]", "[true, 3]"])
def test_a_broken_kpt_shape_is_listed(shape: str) -> None:
    description = f"names: [face]\nkpt_shape: {shape}\n"
    _, problems = read(zip_of(_lines("0 .5 .5 .5 .5") | {"data.yaml": description}), "yolo")
    assert "kpt_shape" in problems[0].what


def test_the_files_are_those_of_ultralytics() -> None:
    ontology = Ontology(
        classes=[LabelClass(class_id="bus", name="Bus"), LabelClass(class_id="car", name="Car")]
    )
    samples = [
        sample(box(16, 12, 48, 36), name="x/a.png", split="train"),
        sample(name="b.png", split="val"),
        sample(name="c.png", split="holdout"),
    ]
    source, _, _ = written("yolo", samples, ontology=ontology)
    assert source.names() == (
        "data.yaml", "images/holdout/c.png", "images/train/x/a.png", "images/val/b.png",
        "labels/holdout/c.txt", "labels/train/x/a.txt", "labels/val/b.txt",
    )  # fmt: skip
    assert source.open("labels/train/x/a.txt").read() == b"1 0.5 0.5 0.5 0.5\n"
    assert source.open("labels/val/b.txt").read() == b""
    assert yaml.safe_load(source.open("data.yaml").read()) == {
        "path": ".", "train": "images/train", "val": "images/val", "holdout": "images/holdout",
        "names": {0: "bus", 1: "car"},
    }  # fmt: skip
    found, _ = read(source, "yolo")
    assert [(entry.name, entry.split) for entry in found] == [
        ("c.png", "holdout"),
        ("x/a.png", "train"),
        ("b.png", "val"),
    ]


def test_lines_of_every_kind_are_read() -> None:
    (found,), problems = read(
        zip_of(_lines("0 0.5 0.5 0.5 0.5", "", "1 .5 .5 .25 .25 0.75", "0 0 0 1 0 1 1", "1 0 0 1 0 1 1 0.5")),
        "yolo",
    )
    assert problems == []
    shapes = [(entry.class_id, type(entry.geometry), entry.score) for entry in found.labelling.annotations]
    assert shapes == [("car", Box, None), ("bus", Box, 0.75), ("car", Polygon, None), ("bus", Polygon, 0.5)]
    assert found.labelling.annotations[0].geometry.bounds_xyxy() == (16, 12, 48, 36)
    assert [entry.annotation_id for entry in found.labelling.annotations] == [
        "line-1",
        "line-3",
        "line-4",
        "line-5",
    ]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("0 0.5 0.5", "needs"), ("0", "needs"), ("x 0.5 0.5 0.1 0.1", "whole number"),
        ("-1 0.5 0.5 0.1 0.1", "whole number"),
        ("2 0.5 0.5 0.1 0.1", "no name"), ("0 0.5 nan 0.1 0.1", "between 0 and 1"),
        ("0 inf 0.5 0.1 0.1", "between 0 and 1"),
        ("0 320 240 100 100", "pixels"), ("0 0.5 0.5 0 0.1", "no width"), ("0 0.5 0.5 -0.1 0.1", "negative"),
        ("0 0.5 0.5 0.1 0.1 7", "score"), ("0 0.1 a b c", "no number"), ("0 0 0 0 0 0 0", "width"),
    ],
)  # fmt: skip
def test_broken_lines_are_listed_and_good_ones_kept(line: str, what: str) -> None:
    (found,), problems = read(zip_of(_lines("0 0.5 0.5 0.5 0.5", line)), "yolo")
    assert len(found.labelling.annotations) == 1
    assert [(problem.where, what in problem.what) for problem in problems] == [
        ("labels/a.txt: line 2", True)
    ], problems


def test_boxes_over_the_border_by_rounding_are_cut() -> None:
    (found,), problems = read(zip_of(_lines("0 0.25 0.5 0.501 1.001")), "yolo")
    assert problems == []
    assert found.labelling.annotations[0].geometry.bounds_xyxy() == pytest.approx(
        (0, 0, 32.032, 48), abs=1e-6
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"images/train/a.png": "", "labels/train/a.txt": ""}, ("a.png", "train")),
        ({"train/images/a.png": "", "train/labels/a.txt": ""}, ("a.png", "train")),
        ({"valid/images/a.png": "", "valid/labels/a.txt": ""}, ("a.png", "val")),
        ({"set/images/val/sub/a.png": "", "set/labels/val/sub/a.txt": ""}, ("set/val/sub/a.png", "val")),
        ({"a.png": "", "a.txt": ""}, ("a.png", "")),
        ({"a.png": "", "labels/a.txt": ""}, ("a.png", "")),
    ],
)  # fmt: skip
def test_labels_and_splits_are_found_in_usual_layouts(
    files: dict[str, str], expected: tuple[str, str]
) -> None:
    full: dict[str, bytes | str] = {"classes.txt": "car\nbus\n"}
    full |= {name: png() if name.endswith(".png") else "1 0.5 0.5 0.5 0.5" for name in files}
    (found,), problems = read(zip_of(full), "yolo")
    assert problems == []
    assert (found.name, found.split) == expected
    assert [entry.class_id for entry in found.labelling.annotations] == ["bus"]


def test_list_files_say_the_split() -> None:
    source = zip_of(
        {
            "data.yaml": "path: /srv/data\ntrain: train.txt\nval: ../lists/val.txt\nnames: {0: car}\n",
            "train.txt": "./images/a.png\n",
            "lists/val.txt": "images/b.png\nimages/none.png\n",
            "images/a.png": png(),
            "images/b.png": png(),
        }
    )
    found, problems = read(source, "yolo")
    assert [(entry.name, entry.split) for entry in found] == [("a.png", "train"), ("b.png", "val")]
    assert [problem.where for problem in problems] == ["lists/val.txt: line 2"]


def test_labels_without_image_and_images_that_are_none_are_listed() -> None:
    files = _lines("0 0.5 0.5 0.5 0.5") | {"labels/b.txt": "0 0.5 0.5 0.5 0.5", "images/c.png": b"no image"}
    found, problems = read(zip_of(files), "yolo")
    assert [entry.name for entry in found] == ["a.png"]
    assert sorted(problem.where for problem in problems) == ["images/c.png", "labels/b.txt"]


def test_classes_without_names_are_numbered_with_a_warning() -> None:
    files = _lines("3 0.5 0.5 0.5 0.5")
    del files["data.yaml"]
    (found,), problems = read(zip_of(files), "yolo")
    assert [entry.class_id for entry in found.labelling.annotations] == ["class_3"]
    assert [problem.severity for problem in problems] == ["warning"]


@pytest.mark.parametrize(
    "text",
    [
        "names: !!python/object/apply:os.system ['true']\n",
        "a: &a [x, x]\nb: &b [*a, *a]\nnames: {0: *b}\n",
        "names: [",
        "names: {car: 0}\n",
        "[" * 3000,
    ],
)
def test_odd_descriptions_run_nothing_and_are_listed(text: str) -> None:
    (found,), problems = read(zip_of(_lines() | {"data.yaml": text}), "yolo")
    assert found.name == "a.png"
    assert problems


def test_samples_of_unknown_size_are_left_out_and_counted() -> None:
    _, report, _ = written("yolo", [Sample("a.png", 0, 0)])
    assert (report.samples, dict(report.losses)) == (0, {"unknown_size": 1})


def test_boxes_can_be_preferred_to_outlines() -> None:
    source = zip_of(_lines("0 0 0 1 0 1 1"))
    (found,), _ = split_up(get_format("yolo").read(source, options=ReadOptions(prefer="box")))
    assert isinstance(found.labelling.annotations[0].geometry, Box)


@given(
    st.text(max_size=60) | st.text(st.sampled_from("0123456789. -e\n\t,nai"), max_size=60),
    st.text(max_size=40),
)
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_reader(labels: str, description: str) -> None:
    files: dict[str, bytes | str] = {"data.yaml": description, "images/a.png": png(), "labels/a.txt": labels}
    with contextlib.suppress(InvalidInputError):
        samples, problems = read(zip_of(files), "yolo")
        assert len(samples) + sum(problem.where == "labels/a.txt" for problem in problems) >= 1
