from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Box, Mask, Polygon, RotatedBox
from goldsmith.core.ontology import AttributeKind, Ontology
from goldsmith.formats import FolderSource, OntologyDraft, ReadOptions, Sample, get_format
from goldsmith.formats.cvat.reader import MAX_ELEMENTS
from tests.unit.formats.made import (
    FACES,
    ONE_OF_EACH,
    assert_near,
    box,
    boxes,
    canonical_rings,
    data_sets,
    masks,
    other_shapes,
    png,
    polygons_with_holes,
    read,
    rounded_polygons,
    sample,
    skeletons,
    split_up,
    written,
    zip_of,
)

# as CVAT 2 writes it
_LABELS = """
<labels>
  <label><name>car</name><color>#ff0000</color><type>any</type><attributes>
    <attribute><name>parked</name><mutable>True</mutable><input_type>checkbox</input_type><default_value>false</default_value><values></values></attribute>
    <attribute><name>make</name><mutable>False</mutable><input_type>select</input_type><default_value>vw</default_value><values>vw
true
bmw</values></attribute>
    <attribute><name>doors</name><mutable>False</mutable><input_type>number</input_type><default_value>4</default_value><values>2;5;1</values></attribute>
    <attribute><name>note</name><mutable>False</mutable><input_type>text</input_type><default_value></default_value><values></values></attribute>
  </attributes></label>
  <label><name>night</name><color>#000000</color><type>tag</type><attributes>
    <attribute><name>lamps</name><mutable>False</mutable><input_type>radio</input_type><default_value>on</default_value><values>on
off</values></attribute>
  </attributes></label>
  <label><name>face</name><color>#00ff00</color><type>skeleton</type><attributes></attributes>
    <svg>&lt;line x1="50" y1="60" x2="70" y2="30" data-type="edge" data-node-from="1" data-node-to="2"&gt;&lt;/line&gt;
    &lt;circle r="0.75" cx="50" cy="60" data-type="element node" data-element-id="1" data-node-id="1" data-label-id="3" data-label-name="nose"&gt;&lt;/circle&gt;
    &lt;circle r="0.75" cx="70" cy="30" data-type="element node" data-element-id="2" data-node-id="2" data-label-id="4" data-label-name="eye"&gt;&lt;/circle&gt;</svg></label>
  <label><name>nose</name><color>#00ff00</color><type>points</type><attributes></attributes><parent>face</parent></label>
  <label><name>eye</name><color>#00ff00</color><type>points</type><attributes></attributes><parent>face</parent></label>
</labels>
"""  # noqa: E501
_IMAGE = """
<image id="0" name="street/a.jpg" subset="Train" task_id="3" width="64" height="48">
  <polygon label="car" source="manual" occluded="1" points="10.00,10.00;40.00,10.00;40.00,30.50" z_order="2" group_id="5">
    <attribute name="parked">true</attribute>
    <attribute name="make">true</attribute>
    <attribute name="doors">4</attribute>
    <attribute name="note">false</attribute>
  </polygon>
  <box label="car" source="manual" occluded="0" xtl="1.00" ytl="2.00" xbr="30.00" ybr="40.00" z_order="0">
  </box>
  <box label="car" source="manual" occluded="0" xtl="20.00" ytl="15.00" xbr="40.00" ybr="25.00" rotation="30.00" z_order="1">
  </box>
  <mask label="car" source="manual" occluded="0" rle="4, 1, 2, 1, 1" left="9" top="4" width="3" height="3" z_order="3">
  </mask>
  <ellipse label="car" source="manual" occluded="0" cx="30.00" cy="20.00" rx="10.00" ry="6.00" rotation="200.00" z_order="4">
  </ellipse>
  <points label="car" source="manual" occluded="0" points="5.00,6.00;7.00,8.00" z_order="5">
  </points>
  <polyline label="car" source="manual" occluded="0" points="1.00,2.00;30.00,40.00" z_order="6">
  </polyline>
  <cuboid label="car" source="manual" occluded="0" xtl1="5.00" ytl1="10.00" xbl1="5.00" ybl1="30.00" xtr1="25.00" ytr1="10.00" xbr1="25.00" ybr1="30.00" xtl2="10.00" ytl2="5.00" xbl2="10.00" ybl2="25.00" xtr2="30.00" ytr2="5.00" xbr2="30.00" ybr2="25.00" z_order="7">
  </cuboid>
  <skeleton label="face" source="manual" z_order="8">
    <points label="eye" source="manual" outside="0" occluded="1" points="15.00,5.00">
    </points>
    <points label="nose" source="manual" outside="0" occluded="0" points="10.00,10.00">
    </points>
  </skeleton>
  <tag label="night" source="manual">
    <attribute name="lamps">off</attribute>
  </tag>
  <tag label="rain" source="manual">
  </tag>
</image>
"""  # noqa: E501


def _file(inside: str, *, labels: str = _LABELS, head: str = "") -> str:
    meta = f"<meta><task><id>1</id><name>t</name>{labels}</task><dumped>now</dumped></meta>"
    start = '<?xml version="1.0" encoding="utf-8"?>'
    return f"{start}{head}\n<annotations>\n<version>1.1</version>{meta}{inside}</annotations>"


def _read(inside: str, **more: Any) -> Any:
    return read(zip_of({"annotations.xml": _file(inside, **more)}), "cvat")


def _one(element: str, attributes: str = 'name="a.jpg" width="64" height="48"') -> str:
    return f"<image {attributes}>{element}</image>"


def test_a_file_of_cvat_is_read_whole() -> None:
    source = zip_of({"annotations.xml": _file(_IMAGE), "images/Train/street/a.jpg": png()})
    (found,), problems = read(source, "cvat")
    assert problems == []
    assert (found.name, found.split, found.width, found.height) == ("street/a.jpg", "train", 64, 48)
    assert found.media_name == "images/Train/street/a.jpg"
    assert found.labelling.answers == {"tags": ["night", "rain"], "night.lamps": "off"}
    objects = found.labelling.annotations
    assert [entry.geometry.kind for entry in objects] == [
        "box", "rotated_box", "polygon", "mask", "ellipse", "point", "point", "polyline", "cuboid", "skeleton",
    ]  # fmt: skip
    by_kind: dict[str, Any] = {entry.geometry.kind: entry.geometry for entry in objects}
    assert by_kind["rotated_box"] == RotatedBox(center_xy=(30, 20), size_wh=(20, 10), angle_deg=30)
    assert by_kind["ellipse"].angle_deg == 20
    assert by_kind["mask"] == Mask(origin_xy=(10, 5), size_wh=(1, 2), runs=[0, 2])  # cut to its tight box
    assert by_kind["cuboid"] == ONE_OF_EACH["cuboid"]
    assert [(node.node_id, node.state.value) for node in by_kind["skeleton"].nodes] == [
        ("nose", "visible"), ("eye", "occluded"),
    ]  # fmt: skip
    polygon = objects[2]
    assert (polygon.is_occluded, polygon.group_id) == (True, "5")
    assert polygon.attributes == {"parked": True, "make": "true", "doors": 4.0, "note": "false"}
    assert {entry.group_id for entry in objects if entry.geometry.kind == "point"} == {"cvat-6"}


def test_labels_become_an_ontology_that_the_objects_fit() -> None:
    source = zip_of({"annotations.xml": _file(_IMAGE)})
    known = get_format("cvat").read_ontology(source)
    assert known is not None
    assert [entry.class_id for entry in known.classes] == ["car", "face"]
    kinds = {entry.attribute_id: entry.kind for entry in known.classes[0].attributes}
    assert kinds == {
        "parked": AttributeKind.BOOLEAN, "make": AttributeKind.CHOICE, "doors": AttributeKind.NUMBER,
        "note": AttributeKind.TEXT,
    }  # fmt: skip
    doors = known.classes[0].attributes[2]
    assert (doors.minimum, doors.maximum) == (2, 5)
    skeleton = known.classes[1].skeleton
    assert skeleton is not None
    assert [(node.node_id, node.at) for node in skeleton.nodes] == [("nose", (0.5, 0.6)), ("eye", (0.7, 0.3))]
    assert skeleton.edges == [("nose", "eye")]
    assert [question.attribute_id for question in known.questions] == ["tags", "night.lamps"]
    draft = OntologyDraft()
    (found,), _ = read(source, "cvat")
    labelling = found.labelling.model_copy(update={"answers": {"tags": ["night"], "night.lamps": "off"}})
    draft.add(found)
    assert draft.ontology(known).faults_of(labelling) == []


def _assert_back(samples: list[Sample], **more: Any) -> set[str]:
    source, report, _ = written("cvat", samples, **more)
    found, problems = read(source, "cvat")
    assert problems == []
    for back, was in zip(found, samples, strict=True):
        assert (back.name, back.split, back.group, back.metadata) == (
            was.name,
            was.split,
            was.group,
            was.metadata,
        )
        assert back.labelling.answers == was.labelling.answers
        assert back.media_name == f"images/{was.name}"
        for one, other in zip(back.labelling.annotations, was.labelling.annotations, strict=True):
            if isinstance(other.geometry, Polygon) and len(other.geometry.rings) > 1:
                assert isinstance(one.geometry, Polygon)
                assert canonical_rings(one.geometry.rings) == canonical_rings(other.geometry.rings)
            else:
                assert_near(one.geometry, other.geometry)
            assert one.model_copy(update={"geometry": other.geometry}) == other
    return set(report.losses)


_stored_shapes = boxes() | rounded_polygons() | polygons_with_holes() | masks() | skeletons() | other_shapes


@given(data_sets(shapes=_stored_shapes, at_least=1))
@settings(max_examples=30, deadline=None)
def test_every_kind_comes_back(samples: list[Sample]) -> None:
    assert _assert_back(samples) == set()


@given(data_sets(shapes=skeletons(), rich=False, at_least=1))
@settings(max_examples=10, deadline=None)
def test_skeletons_come_back_with_their_template(samples: list[Sample]) -> None:
    faces = [_with_class(entry, "face") for entry in samples]
    assert _assert_back(faces, ontology=FACES) == set()


def _with_class(entry: Sample, class_id: str) -> Sample:
    changed = [found.model_copy(update={"class_id": class_id}) for found in entry.labelling.annotations]
    return dataclasses.replace(entry, labelling=Labelling(annotations=changed))


def test_the_ontology_comes_back_and_cvat_finds_its_labels() -> None:
    source, _, _ = written("cvat", [sample(name="a.png")], ontology=FACES)
    assert get_format("cvat").read_ontology(source) == FACES
    root = fromstring(source.open("annotations.xml").read())
    names = [
        (entry.findtext("name"), entry.findtext("type"), entry.findtext("parent"))
        for entry in root.iter("label")
    ]
    assert names == [
        ("bus", "rectangle", None), ("face", "any", None), ("nose", "points", "face"), ("left_eye", "points", "face"),
        ("right_eye", "points", "face"),
    ]  # fmt: skip
    goldsmith = root.find("meta/goldsmith")
    assert goldsmith is not None
    goldsmith.text = ""  # what CVAT itself would keep of it
    meta = root.find("meta")
    assert meta is not None
    stripped = _file("", labels="".join(_text(entry) for entry in meta.iter("labels")))
    known = get_format("cvat").read_ontology(zip_of({"a.xml": stripped}))
    assert known is not None
    assert [entry.class_id for entry in known.classes] == ["bus", "face"]


def _text(element: Any) -> str:
    from xml.etree.ElementTree import tostring

    return tostring(element, encoding="unicode")


def test_a_curve_counts_only_while_the_points_say_the_same() -> None:
    curve = Annotation(annotation_id="a", class_id="car", geometry=ONE_OF_EACH["bezier"])
    source, _, _ = written("cvat", [sample(curve)])
    text = source.open("annotations.xml").read().decode()
    (found,), _ = read(zip_of({"a.xml": text}), "cvat")
    assert found.labelling.annotations[0].geometry == ONE_OF_EACH["bezier"]
    (found,), _ = read(zip_of({"a.xml": text.replace('points="10,10;', 'points="11,10;')}), "cvat")
    assert found.labelling.annotations[0].geometry.kind == "polygon"


@pytest.mark.parametrize(
    ("element", "what"),
    [
        ("<box/>", "no label"), ('<box label="a" xtl="1" ytl="2" xbr="3"/>', "lacks ybr"),
        ('<box label="a" xtl="1" ytl="2" xbr="x" ybr="3"/>', "not a number"),
        ('<box label="a" xtl="nan" ytl="2" xbr="3" ybr="4"/>', "finite"),
        ('<box label="a" xtl="5" ytl="2" xbr="3" ybr="4"/>', "no width"),
        ('<box label="a" xtl="5" ytl="2" xbr="3" ybr="4" rotation="7"/>', "rotated_box"),
        ('<box label="a" xtl="1" ytl="2" xbr="3" ybr="4" rotation="inf"/>', "angle"),
        ('<box label="a" xtl="100" ytl="2" xbr="103" ybr="4"/>', "outside"),
        ('<polygon label="a" points="1,2;3,4"/>', "three points"), ('<polygon label="a" points="1;2;3"/>', "pair"),
        ('<polygon label="a"/>', "pair"), ('<points label="a" points="nan,1"/>', "finite"),
        ('<polyline label="a" points="1,2"/>', "polyline"), ('<polyline label="a" points="1e9,2;3,4"/>', "polyline"),
        ('<ellipse label="a" cx="1" cy="2" rx="-3" ry="4"/>', "ellipse"),
        ('<mask label="a" rle="1, 2" left="1" top="1" width="2" height="2"/>', "fill 3 pixels; the mask has 4"),
        ('<mask label="a" rle="-1, 5" left="1" top="1" width="2" height="2"/>', "negative"),
        ('<mask label="a" rle="4" left="1" top="1" width="2" height="2"/>', "no pixel"),
        ('<mask label="a" rle="x" left="1" top="1" width="2" height="2"/>', "whole numbers"),
        ('<mask label="a" rle="0, 4" left="1" top="1" width="-2" height="-2"/>', "size"),
        ('<mask label="a" rle="0, 4" left="1" top="1" width="1e6" height="1e6"/>', "fill"),
        ('<mask label="a" rle="0, 4" left="1.5" top="1" width="2" height="2"/>', "whole number"),
        ('<mask label="a" rle="0, 4" left="100" top="1" width="2" height="2"/>', "outside"),
        ('<cuboid label="a" xtl1="1"/>', "lacks"), ('<skeleton label="face"/>', "skeleton"),
        ('<skeleton label="face"><points label="ear" points="1,2"/></skeleton>', "'ear'"),
        ('<skeleton label="face"><box label="nose"/></skeleton>', "points"),
        ('<skeleton label="face"><points label="nose" points="1,2" outside="1"/></skeleton>', "skeleton"),
        ('<wave label="a"/>', "not known"), ('<box label="a" z_order="x"/>', "z_order"),
        ('<box label="car" xtl="1" ytl="2" xbr="3" ybr="4"><attribute name="doors">x</attribute></box>', "number"),
        ('<box label="car" xtl="1" ytl="2" xbr="3" ybr="4"><attribute name="doors">inf</attribute></box>', "finite"),
        ('<box label="a" xtl="1" ytl="2" xbr="3" ybr="4" score="7"/>', "score"),
        ('<points label="a" points="1,2"><attribute name="n" kind="list">[1]</attribute></points>', "list"),
        ('<tag source="x"/>', "no label"),
    ],
)  # fmt: skip
def test_broken_elements_are_listed_and_good_ones_kept(element: str, what: str) -> None:
    good = '<box label="car" xtl="1" ytl="2" xbr="3" ybr="4"/>'
    (found,), problems = _read(_one(element + good))
    assert len(found.labelling.annotations) == 1
    assert len(problems) == 1, problems
    assert problems[0].where.startswith("annotations.xml: image 1 (a.jpg)")
    assert what in problems[0].what, problems


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (_file("", head='<!DOCTYPE a [<!ENTITY b "c">]>'), "DTD"),
        (_file("<image"), "not readable XML"), (_file(_one("", 'name="/etc/passwd" width="1" height="1"')), "relative"),
        (_file(_one("", 'width="1" height="1"')), "characters"), (_file(_one("", 'name="a.jpg"')), "no width"),
        (_file(_one("", 'name="a.jpg" width="x" height="1"')), "not a number"),
        (_file('<track id="0" label="car"><box frame="0"/></track>'), "CVAT for images"),
    ],
)  # fmt: skip
def test_broken_files_and_images_are_listed(text: str, what: str) -> None:
    found, problems = read(zip_of({"a.xml": text}), "cvat")
    assert (found, len(problems)) == ([], 1)
    assert what in problems[0].what


def test_images_before_a_break_in_the_file_are_kept() -> None:
    text = _file(_one('<box label="car" xtl="1" ytl="2" xbr="3" ybr="4"/>') + "<image name=")
    (found,), problems = read(zip_of({"a.xml": text}), "cvat")
    assert len(found.labelling.annotations) == 1
    assert "what comes before is read" in problems[0].what


def test_sizes_come_from_the_image_where_the_file_does_not_say() -> None:
    source = zip_of({"a.xml": _file(_one("", 'name="a.png"')), "a.png": png(30, 20)})
    (found,), problems = read(source, "cvat")
    assert problems == []
    assert (found.width, found.height) == (30, 20)


def test_boxes_can_be_preferred() -> None:
    source = zip_of({"a.xml": _file(_IMAGE)})
    (found,), problems = split_up(get_format("cvat").read(source, options=ReadOptions(prefer="box")))
    assert {type(entry.geometry) for entry in found.labelling.annotations} == {Box}
    assert len(problems) == 1  # the points, which are no boxes


def test_texts_that_xml_cannot_hold_are_trimmed_and_told() -> None:
    marked = box(1, 2, 3, 4, class_id="c\x07ar", attributes={"note": "a\x00b", "tabs": "\t x \r\n "})
    source, report, _ = written("cvat", [sample(marked)])
    (found,), _ = read(source, "cvat")
    assert found.labelling.annotations[0].class_id == "car"
    assert found.labelling.annotations[0].attributes == {"note": "ab", "tabs": "\t x \r\n "}
    assert report.losses["trimmed_texts"] == 2


@given(st.text(max_size=60), st.lists(st.sampled_from(["box", "mask", "skeleton", "tag"]), max_size=3))
@settings(max_examples=50, deadline=None)
def test_no_text_breaks_the_reader(text: str, tags: list[str]) -> None:
    inside = "".join(f'<{tag} label="a" points="{text}" rle="{text}"/>' for tag in tags)
    with contextlib.suppress(InvalidInputError):
        samples, problems = read(
            zip_of({"a.xml": "<annotations><meta/>" + text, "b.xml": _file(_one(inside))}), "cvat"
        )
        assert len(samples) + len(problems) >= 1


def test_an_ontology_that_does_not_hold_is_passed_over() -> None:
    assert get_format("cvat").read_ontology(zip_of({"a.xml": _file("", labels="")})) is None
    assert get_format("cvat").read_ontology(zip_of({"a.xml": "<annotations><meta>"})) is None
    broken = _file("", labels="<labels><label><name>a</name></label></labels>").replace(
        "</meta>", "<goldsmith>{}x</goldsmith></meta>"
    )
    known = get_format("cvat").read_ontology(zip_of({"a.xml": broken}))
    assert isinstance(known, Ontology)
    assert known.classes[0].class_id == "a"


def test_an_image_with_absurdly_many_elements_is_refused(tmp_path: Path) -> None:
    good = _one('<box label="car" xtl="1" ytl="2" xbr="3" ybr="4"/>')
    absurd = _one("<a/>" * (MAX_ELEMENTS + 1), 'name="b.jpg" width="64" height="48"')
    (tmp_path / "a.xml").write_text(_file(good + absurd))
    found, problems = split_up(get_format("cvat").read(FolderSource(tmp_path)))
    assert ([entry.name for entry in found], len(problems)) == (["a.jpg"], 1)
    assert f"more than {MAX_ELEMENTS}" in problems[0].what
