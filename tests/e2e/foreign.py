"""What files of other tools say of a shape, read plainly: without the product's readers, in the tools' own words."""

from __future__ import annotations

import base64
import io
import json
from typing import Any, Final
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import yaml
from PIL import Image
from pycocotools import mask as coco_mask

from tests.e2e.archives import one_file, opened
from tests.e2e.bench import PICTURE_PX
from tests.e2e.pixels import Bits, corners_of, pixels_of, pixels_of_rings, pixels_of_runs

NEAR_PX: Final = 0.01
YOLO_VARIANTS: Final = {
    "box": "detect",
    "polygon": "segment",
    "mask": "segment",
    "rotated_box": "obb",
    "skeleton": "pose",
}
_SEEN: Final = {"outside": 0, "occluded": 1, "visible": 2}

Annotation = dict[str, Any]
Geometry = dict[str, Any]


def numbers_of(value: Any) -> list[float]:
    """All numbers of a JSON value, fields in the order of their names."""
    if isinstance(value, dict):
        return [number for key in sorted(value) for number in numbers_of(value[key])]
    if isinstance(value, list | tuple):
        return [number for entry in value for number in numbers_of(entry)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def check_near(found: Any, wanted: Any) -> None:
    """Say that two nests of numbers are the same to a hundredth of a pixel."""
    assert numbers_of(found) == pytest.approx(numbers_of(wanted), abs=NEAR_PX), (found, wanted)


def check_pixels(found: Bits, wanted: Bits) -> None:
    """Say that two sets of pixels are the same."""
    assert wanted.any()
    assert int((found != wanted).sum()) == 0


def check_coco(document: dict[str, Any], name: str, annotation: Annotation) -> None:
    """COCO: ``bbox``, ``segmentation`` or ``keypoints``; the exact shape where it has no word for it."""
    [image_id] = [entry["id"] for entry in document["images"] if entry["file_name"] == name]
    [record] = [entry for entry in document["annotations"] if entry["image_id"] == image_id]
    [category] = [entry for entry in document["categories"] if entry["id"] == record["category_id"]]
    assert category["name"] == annotation["class_id"]
    geometry = annotation["geometry"]
    match geometry["kind"]:
        case "box":
            x0, y0, x1, y1 = geometry["box_xyxy"]
            check_near(record["bbox"], [x0, y0, x1 - x0, y1 - y0])
        case "polygon" if len(geometry["rings"]) == 1:
            check_near(record["segmentation"], geometry["rings"])
        case "polygon" | "mask":
            decoded = coco_mask.decode(record["segmentation"]).astype(bool)
            check_pixels(decoded, _bits(geometry))
            assert record["area"] == pytest.approx(decoded.sum(), rel=0.01)
        case "skeleton":
            _check_keypoints(record, category, geometry)
        case "rotated_box":
            check_near(record["segmentation"], corners_of(geometry))
            check_near(record["goldsmith"], geometry)
        case kind:
            check_near(record["goldsmith"], geometry)
            has_area = kind in {"ellipse", "cuboid"} or geometry.get("is_closed", False)
            assert bool(record["segmentation"]) == has_area


def _check_keypoints(record: dict[str, Any], category: dict[str, Any], geometry: Geometry) -> None:
    nodes = geometry["nodes"]
    assert len(category["keypoints"]) == len(nodes)
    wanted = [
        [*(node["at"] if node["state"] != "outside" else (0, 0)), _SEEN[node["state"]]] for node in nodes
    ]
    check_near(record["keypoints"], wanted)
    assert record["num_keypoints"] == sum(node["state"] != "outside" for node in nodes)


def check_yolo(archive: bytes, name: str, annotation: Annotation) -> None:
    """YOLO: shares of the picture in the variant that holds the kind."""
    stem = name.rpartition(".")[0]
    with opened(archive) as files:
        [number, *texts] = files.read(f"labels/train/{stem}.txt").decode().split()
        description = yaml.safe_load(files.read("data.yaml"))
    assert description["names"][int(number)] == annotation["class_id"]
    shares, geometry = [float(text) for text in texts], annotation["geometry"]
    width, height = PICTURE_PX
    places = [[x * width, y * height] for x, y in zip(shares[0::2], shares[1::2], strict=False)]
    match geometry["kind"]:
        case "box":
            (x, y), (across, down) = places
            check_near([x - across / 2, y - down / 2, x + across / 2, y + down / 2], geometry["box_xyxy"])
        case "polygon" | "mask":
            check_pixels(pixels_of_rings([places]), _bits(geometry))
        case "rotated_box":
            check_near(places, corners_of(geometry))
        case "skeleton":
            _check_pose(shares, geometry, description["kpt_shape"])
        case kind:
            raise AssertionError(f"YOLO has no variant for {kind}")


def _check_pose(shares: list[float], geometry: Geometry, kpt_shape: list[int]) -> None:
    width, height = PICTURE_PX
    nodes = geometry["nodes"]
    assert kpt_shape == [len(nodes), 3]
    found = np.array(shares[4:]).reshape(-1, 3) * (width, height, 1)
    wanted = [
        [*(node["at"] if node["state"] != "outside" else (0, 0)), _SEEN[node["state"]]] for node in nodes
    ]
    check_near(found.tolist(), wanted)
    there = np.array([node["at"] for node in nodes if node["state"] != "outside"])
    low, high = there.min(axis=0), there.max(axis=0)
    middle_and_size = np.array(shares[:4]) * (width, height, width, height)
    check_near(middle_and_size.tolist(), [((low + high) / 2).tolist(), (high - low).tolist()])


def check_masks(archive: bytes, name: str, annotation: Annotation) -> None:
    """PNG masks: the class and the object of each pixel."""
    stem = name.rpartition(".")[0]
    wanted = _bits(annotation["geometry"])
    with opened(archive) as files:
        classes = json.loads(files.read("classes.json"))["classes"]
        semantic = np.asarray(Image.open(io.BytesIO(files.read(f"semantic/{stem}.png"))))
        instances = np.asarray(Image.open(io.BytesIO(files.read(f"instances/{stem}.png"))))
    [index] = [entry["index"] for entry in classes if entry["class_id"] == annotation["class_id"]]
    check_pixels(semantic == index, wanted)
    check_pixels(instances == 1, wanted)
    assert set(np.unique(semantic)) == {0, index}


def check_cvat(archive: bytes, name: str, annotation: Annotation) -> None:
    """CVAT for images: an element for each kind; curves as lines with the exact shape beside them."""
    root = ET.fromstring(one_file(archive, "annotations.xml"))
    [image] = [entry for entry in root.iter("image") if entry.get("name") == name]
    [element] = [entry for entry in image if entry.tag != "tag"]
    assert element.get("label") == annotation["class_id"]
    geometry = annotation["geometry"]
    kind = geometry["kind"]
    values = {key: float(text) for key, text in element.attrib.items() if _is_number(text)}
    match kind:
        case "box":
            assert element.tag == "box"
            check_near([values[key] for key in ("xtl", "ytl", "xbr", "ybr")], geometry["box_xyxy"])
        case "rotated_box":
            assert element.tag == "box"
            (x, y), (width, height) = geometry["center_xy"], geometry["size_wh"]
            upright = [x - width / 2, y - height / 2, x + width / 2, y + height / 2, geometry["angle_deg"]]
            check_near([values[key] for key in ("xtl", "ytl", "xbr", "ybr", "rotation")], upright)
        case "ellipse":
            assert element.tag == "ellipse"
            wanted = [*geometry["center_xy"], *geometry["radii_xy"], geometry["angle_deg"]]
            check_near([values[key] for key in ("cx", "cy", "rx", "ry", "rotation")], wanted)
        case "cuboid":
            assert element.tag == "cuboid"
            places = [f"{corner}{face}" for face in (1, 2) for corner in ("tl", "tr", "br", "bl")]
            found = [[values[f"x{place}"], values[f"y{place}"]] for place in places]
            check_near(found, geometry["corners"])
        case "mask":
            assert element.tag == "mask"
            rle = {
                "origin_xy": [int(values["left"]), int(values["top"])],
                "size_wh": [int(values["width"]), int(values["height"])],
                "runs": [int(text) for text in element.attrib["rle"].split(",")],
            }
            check_pixels(pixels_of_runs(rle), _bits(geometry))
        case "skeleton":
            _check_cvat_nodes(element, geometry)
        case _:
            _check_cvat_path(element, geometry)


def _check_cvat_nodes(element: ET.Element, geometry: Geometry) -> None:
    assert element.tag == "skeleton"
    nodes = {node["node_id"]: node for node in geometry["nodes"]}
    assert [part.get("label") for part in element.iter("points")] == list(nodes)
    for part in element.iter("points"):
        node = nodes[part.attrib["label"]]
        check_near(_points(part), [node["at"]])
        assert (part.get("outside"), part.get("occluded")) == (
            str(int(node["state"] == "outside")),
            str(int(node["state"] == "occluded")),
        )


def _check_cvat_path(element: ET.Element, geometry: Geometry) -> None:
    points = _points(element)
    match geometry["kind"]:
        case "point":
            assert element.tag == "points"
            check_near(points, [geometry["point_xy"]])
        case "polyline":
            assert element.tag == "polyline"
            check_near(points, geometry["points"])
        case "polygon":
            assert element.tag == "polygon"
            check_pixels(pixels_of_rings([points]), _bits(geometry))
            assert _has_all(points, [at for ring in geometry["rings"] for at in ring])
        case "bezier":
            assert element.tag == ("polygon" if geometry["is_closed"] else "polyline")
            assert _has_all(points, [node["at"] for node in geometry["nodes"]])
            check_near(json.loads(element.attrib["goldsmith"]), geometry)
        case kind:
            raise AssertionError(f"nobody looked how CVAT holds {kind}")


def check_labelme(document: dict[str, Any], annotation: Annotation) -> None:
    """LabelMe: its own shapes; for the others a line along them, with the exact shape beside it."""
    [shape] = document["shapes"]
    assert shape["label"] == annotation["class_id"]
    geometry, points = annotation["geometry"], shape["points"]
    match geometry["kind"]:
        case "box":
            assert shape["shape_type"] == "rectangle"
            check_near(points, geometry["box_xyxy"])
        case "polygon":
            assert shape["shape_type"] == "polygon"
            check_pixels(pixels_of_rings([points]), _bits(geometry))
            assert _has_all(points, [at for ring in geometry["rings"] for at in ring])
        case "polyline":
            assert shape["shape_type"] == "linestrip"
            check_near(points, geometry["points"])
        case "point":
            assert shape["shape_type"] == "point"
            check_near(points, [geometry["point_xy"]])
        case "mask":
            assert shape["shape_type"] == "mask"
            part = np.asarray(Image.open(io.BytesIO(base64.b64decode(shape["mask"]))))
            bits = np.zeros(PICTURE_PX[::-1], dtype=bool)
            x, y = map(int, points[0])
            bits[y : y + part.shape[0], x : x + part.shape[1]] = part > 0
            check_pixels(bits, _bits(geometry))
        case "rotated_box":
            check_near(points, corners_of(geometry))
            check_near(shape["goldsmith"], geometry)
        case _:
            check_near(shape["goldsmith"], geometry)


def check_jsonl(archive: bytes, name: str, annotation: Annotation) -> None:
    """The product's own lines hold just what was drawn."""
    _, *lines = map(json.loads, one_file(archive, "samples.jsonl").splitlines())
    [line] = [line for line in lines if line["name"] == name]
    [found] = line["labelling"]["annotations"]
    check_near(found["geometry"], annotation["geometry"])
    assert found["geometry"]["kind"] == annotation["geometry"]["kind"]
    assert found["class_id"] == annotation["class_id"]


def _bits(geometry: Geometry) -> Bits:
    bits = pixels_of(geometry)
    assert bits is not None
    return bits


def _points(element: ET.Element) -> list[list[float]]:
    return [[float(text) for text in pair.split(",")] for pair in element.attrib["points"].split(";")]


def _has_all(points: list[list[float]], wanted: list[list[float]]) -> bool:
    far = [min(max(abs(x - u), abs(y - v)) for x, y in points) for u, v in wanted]
    return max(far) <= NEAR_PX


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
