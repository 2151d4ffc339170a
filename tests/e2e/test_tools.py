"""Every tool by hand: drawn, changed, deleted, undone, kept over a reload, redone, submitted; found through the API.

What was drawn is found in the files of every format that can hold it, and comes back from them into another project.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from playwright.sync_api import expect

from goldsmith.demo.world import World
from tests.e2e.archives import Archives, one_file
from tests.e2e.bench import Bench
from tests.e2e.foreign import (
    NEAR_PX,
    YOLO_VARIANTS,
    check_coco,
    check_cvat,
    check_jsonl,
    check_labelme,
    check_masks,
    check_near,
    check_pixels,
    check_yolo,
)
from tests.e2e.hand import Hand, task_page
from tests.e2e.person import Person
from tests.e2e.pixels import pixels_of
from tests.e2e.works import CLASSES, WORKS, PlacedNode, Work

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning"  # of pycocotools with newer numpy
)
QUESTIONS: Final = [
    {"attribute_id": "wet", "name": "Wet", "kind": "boolean", "options": []},
    {
        "attribute_id": "light",
        "name": "Light",
        "kind": "choice",
        "options": [{"option_id": name.lower(), "name": name} for name in ("Day", "Dusk", "Night")],
    },
    {
        "attribute_id": "tags",
        "name": "Tags",
        "kind": "multi_choice",
        "options": [{"option_id": name.lower(), "name": name} for name in ("Rain", "Fog", "Glare")],
    },
]
TAGS: Final = "image tags"
ANSWERS: Final = {"wet": True, "light": "night", "tags": ["rain", "glare"]}
STRAIGHT: Final = ("box", "polygon", "rotated_box", "mask")
"""Kinds whose pixels follow without flattening a curve."""


class Handed(NamedTuple):
    """What was drawn on an item and handed in."""

    name: str
    item_id: str
    labelling: dict[str, Any]


class Desk:
    """Draws each work on a picture of its own, once in all."""

    def __init__(self, project_id: str, templates: dict[str, list[tuple[float, float]]]) -> None:
        self.project_id = project_id
        self.templates = templates
        self._handed: dict[str, Handed] = {}

    def handed(self, person: Person, work: str) -> Handed:
        """Return what was handed in of a work, after drawing it where nobody did."""
        if work not in self._handed:
            self._handed[work] = self._tag(person) if work == TAGS else self._draw(person, WORKS[work])
        return self._handed[work]

    def all_handed(self, person: Person) -> dict[str, Handed]:
        """Return all works."""
        return {work: self.handed(person, work) for work in [*WORKS, TAGS]}

    def _draw(self, person: Person, work: Work) -> Handed:
        bench = Bench(person, self.project_id)
        bench.open()
        hand, item = Hand(bench), bench.item()
        hand.press("f", work.key)
        work.draw(hand)
        expect(bench.objects).to_have_count(1)
        work.change(hand)
        hand.press("Delete")
        expect(bench.objects).to_have_count(0)
        hand.press("Control+z")
        expect(bench.objects).to_have_count(1)
        hand.press(*["Control+z"] * work.steps)
        expect(bench.objects).to_have_count(0)
        self._reload(person, bench, item)
        hand.press("Control+y")
        expect(bench.objects).to_have_count(1)
        hand.press(*["Control+y"] * (work.steps - 1))
        return self._hand_in(person, bench, item)

    def _tag(self, person: Person) -> Handed:
        bench = Bench(person, self.project_id)
        bench.open()
        hand, item, page = Hand(bench), bench.item(), person.page
        picture = page.get_by_role("region", name="About the picture")
        for chip in ("Yes", "Dusk", "Rain", "Fog", "Glare", "Night", "Fog"):
            picture.get_by_label(chip, exact=True).click()
        expect(picture.get_by_role("radio", name="Night")).to_be_checked()
        bench.canvas.focus()
        hand.press(*["Control+z"] * 7)
        expect(picture.get_by_role("radio", name="Yes")).not_to_be_checked()
        self._reload(person, bench, item)
        bench.canvas.focus()
        hand.press(*["Control+y"] * 7)
        expect(picture.get_by_role("radio", name="Night")).to_be_checked()
        return self._hand_in(person, bench, item)

    def _reload(self, person: Person, bench: Bench, item: str) -> None:
        bench.expect_draft_kept()
        person.page.reload()
        bench.wait_for_task()
        assert bench.item() == item

    def _hand_in(self, person: Person, bench: Bench, item: str) -> Handed:
        bench.submit()
        bench.expect_delivered()
        page = task_page(person, self.project_id, item)
        return Handed(item, page["item"]["item_id"], page["submissions"][0]["labelling"])


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One for each work, and one for the tags."""
    folder = tmp_path_factory.mktemp("shapes")
    paths = []
    for picture in World(23).generate(len(WORKS) + 1):
        paths.append(folder / picture.name)
        paths[-1].write_bytes(picture.image_bytes)
    return paths


@pytest.fixture(scope="module")
def desk(_founder: Person, pictures: list[Path]) -> Desk:
    """A project that draws every kind of shape and asks about the picture."""
    project_id = _founder.make_project(name="Shapes", classes=CLASSES, overlap=1, review="none")
    ontology = _founder.ask("GET", f"/projects/{project_id}/ontology")["ontology"]
    ontology["questions"] = QUESTIONS
    _founder.ask("PUT", f"/projects/{project_id}/ontology", {"ontology": ontology, "note": "questions"})
    _founder.import_pictures(project_id, pictures)
    templates = {
        entry["class_id"]: [tuple(node["at"]) for node in entry["skeleton"]["nodes"]]
        for entry in ontology["classes"]
        if entry["skeleton"]
    }
    return Desk(project_id, templates)


@pytest.fixture(scope="module")
def archives(_founder: Person) -> Archives:
    """What the owner takes away."""
    return Archives(_founder)


@pytest.mark.parametrize("name", WORKS)
def test_a_shape_by_hand(owner: Person, desk: Desk, archives: Archives, name: str) -> None:
    handed, work = desk.handed(owner, name), WORKS[name]
    [annotation] = handed.labelling["annotations"]
    geometry = annotation["geometry"]
    assert geometry["kind"] == work.geometry["kind"]
    if work.pixels is not None:
        found = pixels_of(geometry)
        assert found is not None
        check_pixels(found, work.pixels())
    elif work.nodes is not None:
        check_nodes(geometry, work.nodes(desk.templates[annotation["class_id"]]))
    else:
        check_near(geometry, work.geometry)
    owner.wait_for_jobs()
    check_exports(archives, desk.project_id, handed)


def check_nodes(geometry: dict[str, Any], wanted: list[PlacedNode]) -> None:
    """Say that all nodes are in their states and lie where they should; of some only the state is known."""
    assert [node["state"] for node in geometry["nodes"]] == [state for _, state in wanted]
    for node, (at, _) in zip(geometry["nodes"], wanted, strict=True):
        if at is not None:
            assert node["at"] == pytest.approx(at, abs=NEAR_PX)


def check_exports(archives: Archives, project_id: str, handed: Handed) -> None:
    """Say that every format that can hold a shape holds this one."""
    [annotation] = handed.labelling["annotations"]
    name, kind = handed.name, annotation["geometry"]["kind"]
    check_coco(json.loads(archives.streamed(project_id, "coco")), name, annotation)
    version = archives.cut(project_id, item_ids=[handed.item_id])
    check_coco(json.loads(one_file(archives.export(version, "coco"), "annotations.json")), name, annotation)
    check_jsonl(archives.export(version, "jsonl"), name, annotation)
    check_cvat(archives.export(version, "cvat"), name, annotation)
    labelme = json.loads(one_file(archives.export(version, "labelme"), f"{name.rpartition('.')[0]}.json"))
    check_labelme(labelme, annotation)
    if kind in YOLO_VARIANTS:
        check_yolo(archives.export(version, "yolo", variant=YOLO_VARIANTS[kind]), name, annotation)
    if kind in STRAIGHT:
        check_masks(archives.export(version, "masks"), name, annotation)


def test_tags_of_the_image_by_hand(owner: Person, desk: Desk, archives: Archives) -> None:
    handed = desk.handed(owner, TAGS)
    assert handed.labelling == {"annotations": [], "answers": ANSWERS, "relations": []}
    owner.wait_for_jobs()
    assert archives.labels(desk.project_id)[handed.name]["answers"] == ANSWERS
    version = archives.cut(desk.project_id, item_ids=[handed.item_id])
    [image] = json.loads(one_file(archives.export(version, "coco"), "annotations.json"))["images"]
    assert image["answers"] == ANSWERS
    cvat = one_file(archives.export(version, "cvat"), ".xml").decode()
    assert '<tag label="rain"' in cvat and '<tag label="glare"' in cvat and '<tag label="fog"' not in cvat
    labelme = json.loads(
        one_file(archives.export(version, "labelme"), f"{handed.name.rpartition('.')[0]}.json")
    )
    assert labelme["flags"] == {"wet": True}


@pytest.mark.parametrize(
    ("format_name", "variant"),
    [
        ("jsonl", "auto"),
        ("coco", "auto"),
        ("cvat", "auto"),
        ("labelme", "auto"),
        ("labelstudio", "auto"),
        ("masks", "auto"),
        ("voc", "auto"),
        *[("yolo", variant) for variant in ("detect", "segment", "obb", "pose")],
    ],
)
def test_what_was_exported_is_imported_the_same(
    owner: Person, desk: Desk, archives: Archives, format_name: str, variant: str
) -> None:
    drawn = desk.all_handed(owner)
    owner.wait_for_jobs()
    version = archives.cut(desk.project_id)
    archive = archives.export(version, format_name, variant=variant, with_media=True)
    labels = archives.labels(archives.bring(archive, name=f"Back from {format_name} {variant}"))
    compared = 0
    for work, handed in drawn.items():
        found = labels[handed.name]
        if work == TAGS:
            if format_name not in {"yolo", "voc"}:
                assert found["answers"] == ANSWERS
            continue
        [annotation] = handed.labelling["annotations"]
        if is_held(annotation["geometry"]["kind"], format_name, variant):
            [back] = found["annotations"]
            assert back["class_id"] == annotation["class_id"]
            check_same(back["geometry"], annotation["geometry"])
            compared += 1
    assert compared


def is_held(kind: str, format_name: str, variant: str) -> bool:
    """Say whether a format gives a kind back."""
    match format_name:
        case "masks":
            return kind in STRAIGHT
        case "voc":
            return kind == "box"
        case "yolo":
            return YOLO_VARIANTS.get(kind) == variant
        case _:
            return True


def check_same(back: dict[str, Any], drawn: dict[str, Any]) -> None:
    """Say that a shape came back: all its numbers, or, where it became pixels, these."""
    if back["kind"] != drawn["kind"]:
        found, wanted = pixels_of(back), pixels_of(drawn)
        assert found is not None and wanted is not None
        check_pixels(found, wanted)
    elif back["kind"] == "skeleton":
        placed = [(node["at"], node["state"]) for node in drawn["nodes"]]
        check_nodes(back, [(None if state == "outside" else at, state) for at, state in placed])
        assert [node["node_id"] for node in back["nodes"]] == [node["node_id"] for node in drawn["nodes"]]
    elif back["kind"] == "polygon":
        check_near(sorted(map(from_first, back["rings"])), sorted(map(from_first, drawn["rings"])))
    else:
        check_near(back, drawn)


def from_first(ring: list[list[float]]) -> list[tuple[float, float]]:
    """Return a ring from its first corner on towards the lesser one: where it starts and how it runs says nothing."""
    points = [(round(x, 1), round(y, 1), x, y) for x, y in ring]
    start = points.index(min(points))
    turned = points[start:] + points[:start]
    if turned[1] > turned[-1]:
        turned = [turned[0], *turned[:0:-1]]
    return [(x, y) for _, _, x, y in turned]
