from __future__ import annotations

import contextlib
import dataclasses
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.annotations import Annotation
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import RotatedBox
from goldsmith.formats import ReadOptions, Sample, get_format
from goldsmith.formats.losses import plural
from goldsmith.formats.voc.reader import parse_xml
from tests.unit.formats.made import (
    ONE_OF_EACH,
    box,
    boxes,
    data_sets,
    png,
    polygons,
    read,
    sample,
    split_up,
    written,
    zip_of,
)


def _xml(
    objects: str = "", *, filename: str = "a.png", size: str = "<width>64</width><height>48</height>"
) -> str:
    return f"<annotation><filename>{filename}</filename><size>{size}</size>{objects}</annotation>"


def _object(name: str = "car", corners: tuple[object, ...] = (1, 1, 64, 48), more: str = "") -> str:
    keys = ("xmin", "ymin", "xmax", "ymax")
    inside = "".join(f"<{key}>{value}</{key}>" for key, value in zip(keys, corners, strict=True))
    return f"<object><name>{name}</name><bndbox>{inside}</bndbox>{more}</object>"


@given(data_sets(shapes=boxes(whole=True), at_least=1))
@settings(max_examples=35, deadline=None)
def test_whole_pixels_attributes_flags_and_splits_are_read_back_the_same(samples: list[Sample]) -> None:
    samples = [
        dataclasses.replace(entry, name=entry.name.rsplit("/", 1)[-1], metadata={}, group="")
        for entry in samples
    ]
    source, report, _ = written("voc", samples)
    found, problems = read(source, "voc")
    assert problems == []
    assert set(report.losses) <= {"scores", "answers", "object_groups"}
    by_name = {entry.name: entry for entry in found}
    assert sorted(by_name) == sorted(entry.name for entry in samples)
    for was in samples:
        back = by_name[was.name]
        assert back.split == was.split
        for one, other in zip(back.labelling.annotations, was.labelling.annotations, strict=True):
            assert one.geometry == other.geometry
            assert (one.class_id, one.is_occluded, one.is_truncated) == (
                other.class_id, other.is_occluded, other.is_truncated,
            )  # fmt: skip
            assert one.attributes == other.attributes


@given(data_sets(shapes=boxes() | polygons(), rich=False, at_least=1))
@settings(max_examples=30, deadline=None)
def test_fractions_and_outlines_become_whole_boxes_and_are_counted(samples: list[Sample]) -> None:
    source, report, _ = written("voc", samples)
    found, problems = read(source, "voc")
    assert problems == []
    for back in found:
        was = next(entry for entry in samples if entry.name.replace("/", "__") == back.name)
        for one, other in zip(back.labelling.annotations, was.labelling.annotations, strict=True):
            assert one.geometry.bounds_xyxy() == pytest.approx(
                other.geometry.bounds_xyxy(), abs=1.5
            )  # 1 if 1 px wide
    shapes = [entry.geometry for was in samples for entry in was.labelling.annotations]
    assert report.losses["polygons_as_boxes"] == sum(shape.kind == "polygon" for shape in shapes)


def test_pixels_count_from_one_and_both_ends_are_inside() -> None:
    source, _, _ = written("voc", [sample(box(0, 0, 64, 48), box(10, 20, 11, 21, annotation_id="b"))])
    text = source.open("Annotations/a.xml").read().decode()
    assert [text.split(f"<{key}>")[1].split("<")[0] for key in ("xmin", "ymin", "xmax", "ymax")] == [
        "1",
        "1",
        "64",
        "48",
    ]
    assert "<xmin>11</xmin>" in text
    assert "<xmax>11</xmax>" in text


def test_corners_counted_from_zero_can_be_taken_as_they_stand() -> None:
    source = zip_of({"a.xml": _xml(_object(corners=(0, 5.5, 10, 20)))})
    (strict,), _ = read(source, "voc")
    assert strict.labelling.annotations[0].geometry.bounds_xyxy() == (0, 4.5, 10, 20)
    (loose,), _ = split_up(get_format("voc").read(source, options=ReadOptions(voc_is_one_based=False)))
    assert loose.labelling.annotations[0].geometry.bounds_xyxy() == (0, 5.5, 10, 20)


def test_flags_pose_and_attributes_are_read() -> None:
    more = (
        "<pose>Left</pose><truncated>1</truncated><occluded>1</occluded><difficult>1</difficult><attributes>"
        "<attribute><name>color</name><value>red</value></attribute>"
        "<attribute><name>parked</name><value>true</value></attribute></attributes>"
    )
    (found,), _ = read(zip_of({"a.xml": _xml(_object(more=more))}), "voc")
    (annotation,) = found.labelling.annotations
    assert (annotation.is_occluded, annotation.is_truncated) == (True, True)
    assert annotation.attributes == {"pose": "Left", "difficult": True, "color": "red", "parked": True}


_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + "]><annotation><filename>&j;</filename></annotation>"
)


@pytest.mark.parametrize(
    "text",
    [
        _LAUGHS,
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><annotation/>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><annotation/>',
    ],
)
def test_xml_with_entities_or_a_dtd_is_refused_at_once(text: str) -> None:
    started = time.process_time()
    with pytest.raises(InvalidInputError, match="refused"):
        parse_xml(text.encode())
    assert time.process_time() - started < 5
    samples, problems = read(zip_of({"bad.xml": text, "good.xml": _xml(filename="g.png")}), "voc")
    assert [entry.name for entry in samples] == ["g.png"]
    assert [problem.where for problem in problems] == ["bad.xml"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<annotation>", "not readable"), ("", "not readable"), ("<html/>", "<annotation>"),
        (_xml(filename="../../etc/passwd"), "'..'"), (_xml(filename="/etc/passwd"), "relative"),
        (_xml(filename="..\\..\\x.png"), "'..'"), (_xml(size=""), "size"), (_xml(size="<width>1e999</width>"), "size"),
        (_xml(_object(name="")), "name"), (_xml(_object(corners=("a", 1, 2, 3))), "number"),
        (_xml(_object(corners=(30, 1, 20, 3))), "no width"), (_xml(_object(corners=(100, 1, 120, 3))), "outside"),
        (_xml(_object(corners=("nan", 1, 2, 3))), "finite"), (_xml("<object/>"), "name"),
    ],
)  # fmt: skip
def test_broken_files_and_objects_are_listed(text: str, what: str) -> None:
    _, problems = read(zip_of({"Annotations/a.xml": text}), "voc")
    assert len(problems) == 1
    assert what in problems[0].what, problems
    assert problems[0].where.startswith("Annotations/a.xml")


def test_good_objects_beside_a_broken_one_are_kept() -> None:
    (found,), problems = read(zip_of({"a.xml": _xml(_object(corners=(9, 9, 1, 1)) + _object("bus"))}), "voc")
    assert [(entry.class_id, entry.annotation_id) for entry in found.labelling.annotations] == [
        ("bus", "object-2")
    ]
    assert len(problems) == 1


def test_images_and_splits_are_found() -> None:
    files: dict[str, bytes | str] = {
        "VOC/Annotations/a.xml": _xml(filename="a.jpg", size=""),
        "VOC/Annotations/b.xml": _xml(filename="renamed.png"),
        "VOC/JPEGImages/a.jpg": png(30, 20),
        "VOC/JPEGImages/b.png": png(),
        "VOC/ImageSets/Main/train.txt": "a\n",
        "VOC/ImageSets/Main/val.txt": "b 1\n",
        "VOC/ImageSets/Main/trainval.txt": "a\nb\n",
    }
    found, problems = read(zip_of(files), "voc")
    assert problems == []
    assert [(entry.name, entry.split, entry.media_name, entry.width) for entry in found] == [
        ("a.jpg", "train", "VOC/JPEGImages/a.jpg", 30),
        ("renamed.png", "val", "VOC/JPEGImages/b.png", 64),
    ]


def test_texts_that_xml_cannot_hold_are_trimmed_and_counted() -> None:
    annotation = box(1, 2, 3, 4, class_id=" c\x07ar ", attributes={"note": "a\x00b"})
    source, report, _ = written("voc", [sample(annotation)])
    (found,), _ = read(source, "voc")
    assert found.labelling.annotations[0].class_id == "car"
    assert found.labelling.annotations[0].attributes == {"note": "ab"}
    assert report.losses["trimmed_texts"] == 2


@given(st.text(max_size=80), st.lists(st.text(max_size=10), max_size=4))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_reader(text: str, parts: list[str]) -> None:
    inside = "".join(f"<object>{part}</object>" for part in parts)
    with contextlib.suppress(InvalidInputError):
        samples, problems = read(
            zip_of({"a.xml": text, "b.xml": f"<annotation>{inside}</annotation>"}), "voc"
        )
        assert len(samples) + len(problems) >= 1


def test_other_kinds_become_their_boxes_inside_the_image_and_are_told() -> None:
    shapes = [
        Annotation(annotation_id=kind, class_id="car", geometry=shape) for kind, shape in ONE_OF_EACH.items()
    ]
    over = Annotation(
        annotation_id="over",
        class_id="car",
        geometry=RotatedBox(center_xy=(60, 20), size_wh=(30, 10), angle_deg=0),
    )
    source, report, _ = written("voc", [sample(*shapes, over)])
    kinds = [kind for kind in ONE_OF_EACH if kind not in ("box", "point")]
    told = {kind for kind in report.losses if kind.endswith(("_as_boxes", "_left_out"))}
    assert told == {f"{plural(kind)}_as_boxes" for kind in kinds} | {"points_left_out"}
    (found,), problems = read(source, "voc")
    assert problems == []
    assert report.annotations == len(found.labelling.annotations) == len(ONE_OF_EACH)
    assert found.labelling.annotations[-1].geometry.bounds_xyxy() == (45, 15, 64, 25)
