"""Two people label and a third reviews, in browsers of their own, up to a COCO export that pycocotools reads.

Whoever labelled a task is not asked to review it, hence the third.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import expect

from goldsmith.science.boxes import box_iou
from tests.e2e.bench import Bench, BoxXyxy, Drawn
from tests.e2e.person import Person

CLASSES = "Car #3b82f6 box\nPerson #a855f7 box\nSign #84cc16 box"
CAR, PERSON, SIGN = "1", "2", "3"
CLASS_IDS = {CAR: "car", PERSON: "person", SIGN: "sign"}
SHOWN = [
    Drawn(CAR, (80, 200, 240, 320)),
    Drawn(PERSON, (300, 180, 350, 300)),
]
"""What both see in each picture."""
OVERLOOKED = Drawn(SIGN, (480, 60, 540, 120))
"""What the reviewer adds to the second picture."""
NEAR_IOU = 0.85
"""Two people, each a few pixels off."""


def shaken(drawn: Drawn, by_px: float) -> Drawn:
    x0, y0, x1, y1 = drawn.box_xyxy
    return Drawn(drawn.key, (x0 - by_px, y0 + by_px, x1 + by_px, y1 - by_px))


def label_all(person: Person, project_id: str, *, pictures: int, by_px: float) -> None:
    bench = Bench(person, project_id)
    bench.open()
    for _ in range(pictures):
        bench.wait_for_task()
        for number, drawn in enumerate(SHOWN, start=1):
            bench.draw(shaken(drawn, by_px))
            expect(bench.objects).to_have_count(number)
        bench.submit()
    expect(bench.page.get_by_text("All done")).to_be_visible()
    bench.expect_delivered()


def review_all(person: Person, project_id: str, *, pictures: Sequence[Path]) -> str:
    """Accept all but one picture, to which an object is added; returns the name of that one."""
    bench = Bench(person, project_id, stage="review")
    bench.open()
    fixed = ""
    for number in range(len(pictures)):
        bench.wait_for_task()
        before = bench.page.locator("header .item")
        name = before.inner_text()
        if number == 1:
            fixed = name
            bench.page.keyboard.press("F2")
            expect(bench.page.get_by_role("button", name="Submit fix")).to_be_visible()
            bench.draw(OVERLOOKED)
            bench.page.keyboard.press("Control+Enter")
        else:
            bench.page.keyboard.press("a")
        expect(before.filter(has_text=name)).to_have_count(0)
    bench.expect_delivered()
    return fixed


def read_coco(path: Path) -> Any:
    from pycocotools.coco import COCO

    read = COCO()
    read.dataset = json.loads(path.read_text())
    read.createIndex()
    return read


def check_boxes(read: Any, *, fixed: str, pictures: Sequence[Path]) -> None:
    """The export holds the boxes that were drawn, in the pictures they were drawn on."""
    names = {entry["id"]: entry["name"] for entry in read.loadCats(read.getCatIds())}
    images = read.loadImgs(read.getImgIds())
    assert {Path(image["file_name"]).name for image in images} == {path.name for path in pictures}
    for image in images:
        found = read.loadAnns(read.getAnnIds(imgIds=[image["id"]]))
        wanted = [*SHOWN, *([OVERLOOKED] if Path(image["file_name"]).name == fixed else [])]
        assert len(found) == len(wanted), (image, found)
        for drawn in wanted:
            matches = [entry for entry in found if names[entry["category_id"]] == CLASS_IDS[drawn.key]]
            assert len(matches) == 1, (drawn, names, found)
            [match] = matches
            assert overlap_of(drawn.box_xyxy, match["bbox"]) > NEAR_IOU, (drawn, match)


def overlap_of(box_xyxy: BoxXyxy, box_xywh: Sequence[float]) -> float:
    x, y, width, height = box_xywh
    return float(box_iou(np.array([box_xyxy]), np.array([[x, y, x + width, y + height]]))[0, 0])


def test_from_pictures_to_a_dataset(
    owner: Person, add_person: Callable[[str], Person], streets: list[Path], tmp_path: Path
) -> None:
    pictures = streets[:3]
    project_id = owner.make_project(name="Crossings", classes=CLASSES, overlap=2, review="all")
    owner.import_by_form(project_id, pictures)
    bob, cleo = add_person("Bob"), add_person("Cleo")
    for person, role in ((bob, "annotator"), (cleo, "reviewer")):
        person.join(owner.invite(person.email, role=role, project="Crossings"))
    label_all(owner, project_id, pictures=3, by_px=0)
    label_all(bob, project_id, pictures=3, by_px=2)
    owner.wait_for_jobs()
    fixed = review_all(cleo, project_id, pictures=pictures)
    owner.wait_for_jobs()

    owner.open(f"/projects/{project_id}?tab=export")
    labels = owner.download("Download", target=tmp_path / "labels.json")
    check_boxes(read_coco(labels), fixed=fixed, pictures=pictures)

    owner.cut_version(project_id=project_id, dataset="crossings")
    owner.page.get_by_role("button", name="Export", exact=True).click()
    exported = owner.download("Download the zip", target=tmp_path / "version.zip")
    with zipfile.ZipFile(exported) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".json") and "annotations" in name]
        (tmp_path / "version.json").write_bytes(archive.read(name))
    check_boxes(read_coco(tmp_path / "version.json"), fixed=fixed, pictures=pictures)
    assert owner.request_count > 20
