"""Masks and whole shapes by hand: painted, sliced, joined, converted, kept over a reload, found through the API."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from pycocotools import mask as coco_mask

from goldsmith.core.geometry import Mask
from goldsmith.demo.world import World
from tests.e2e.archives import Archives, opened
from tests.e2e.bench import Bench
from tests.e2e.foreign import check_pixels
from tests.e2e.hand import Hand, submitted, task_page
from tests.e2e.person import Person
from tests.e2e.pixels import pixels_of_runs

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning"  # of pycocotools with newer numpy
)
CLASSES: Final = """Grass #22c55e, mask, polygon
Wall #f97316, polygon, mask"""
PICTURES: Final = 3


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One for each test."""
    folder = tmp_path_factory.mktemp("masks")
    paths = []
    for picture in World(31).generate(PICTURES):
        paths.append(folder / picture.name)
        paths[-1].write_bytes(picture.image_bytes)
    return paths


@pytest.fixture(scope="module")
def project(_founder: Person, pictures: list[Path]) -> str:
    """A project that draws masks and polygons."""
    project_id = _founder.make_project(name="Masks", classes=CLASSES, overlap=1, review="none")
    _founder.import_pictures(project_id, pictures)
    return project_id


def masks_of(person: Person, project_id: str, item_name: str) -> list[Mask]:
    """What the API says was drawn on an item; the same is in its exports, pixel by pixel."""
    page = task_page(person, project_id, item_name)
    annotations = page["submissions"][0]["labelling"]["annotations"]
    person.wait_for_jobs()
    check_exports(Archives(person), project_id, page["item"], annotations)
    return [Mask.model_validate(annotation["geometry"]) for annotation in annotations]


def check_exports(
    archives: Archives, project_id: str, item: dict[str, Any], annotations: list[dict[str, Any]]
) -> None:
    """Say that COCO and the PNG of objects hold just the pixels that were drawn."""
    drawn = [pixels_of_runs(annotation["geometry"]) for annotation in annotations]
    document = json.loads(archives.streamed(project_id, "coco"))
    [image_id] = [image["id"] for image in document["images"] if image["file_name"] == item["name"]]
    records = [record for record in document["annotations"] if record["image_id"] == image_id]
    decoded = [coco_mask.decode(record["segmentation"]).astype(bool) for record in records]
    archive = archives.export(archives.cut(project_id, item_ids=[item["item_id"]]), "masks")
    with opened(archive) as files:
        stem = item["name"].rpartition(".")[0]
        instances = np.asarray(Image.open(io.BytesIO(files.read(f"instances/{stem}.png"))))
    assert len(decoded) == len(drawn) == instances.max()
    for bits, found in zip(sorted(drawn, key=np.sum), sorted(decoded, key=np.sum), strict=True):
        check_pixels(found, bits)
        check_pixels(instances == instances[bits][0], bits)


def test_brush_and_eraser(owner: Person, project: str) -> None:
    bench = Bench(owner, project)
    bench.open()
    item, keyboard = bench.item(), owner.page.keyboard
    hand = Hand(bench)
    keyboard.press("f")
    keyboard.press("Shift+V")
    options = owner.page.get_by_role("group", name="Brush")
    expect(options.get_by_label("Size")).to_have_value("20")
    hand.drag((100, 200), (300, 200))
    expect(bench.objects).to_have_count(1)
    # A second stroke goes into the same object; one with the right button takes away.
    hand.drag((200, 150), (200, 250))
    expect(bench.objects).to_have_count(1)
    keyboard.press("]")
    expect(options.get_by_label("Size")).to_have_value("22")
    keyboard.press("[")
    hand.move((100, 200))
    owner.page.mouse.down(button="right")
    owner.page.mouse.up(button="right")
    # Enter finishes the object, so that the next stroke starts another one.
    keyboard.press("Enter")
    hand.drag((450, 300), (460, 300))
    expect(bench.objects).to_have_count(2)
    for _ in range(4):
        keyboard.press("Control+z")
    expect(bench.objects).to_have_count(0)
    bench.expect_draft_kept()

    owner.page.reload()
    bench.wait_for_task()
    assert bench.item() == item
    for _ in range(4):
        keyboard.press("Control+y")
    expect(bench.objects).to_have_count(2)
    bench.submit()
    bench.expect_delivered()

    cross, dot = masks_of(owner, project, item)
    assert cross.bounds_xyxy() == (103, 140, 310, 260)
    assert [cross.contains(x, 200) for x in (105, 115, 305)] == [False, True, True]
    assert cross.contains(200, 145) and cross.contains(200, 255) and not cross.contains(180, 180)
    assert dot.bounds_xyxy() == (440, 290, 470, 310)


def test_lasso_and_what_becomes_of_other_masks(owner: Person, project: str) -> None:
    bench = Bench(owner, project)
    bench.open()
    item, keyboard = bench.item(), owner.page.keyboard
    hand = Hand(bench)
    keyboard.press("f")
    keyboard.press("Shift+I")
    hand.click((100, 100), (300, 100), (300, 300), (100, 300))
    keyboard.press("Enter")
    expect(bench.objects).to_have_count(1)
    keyboard.press("Enter")
    owner.page.get_by_label("Other masks").select_option("take")
    bench.canvas.focus()
    hand.click((200, 200), (400, 200), (400, 250), (200, 250))
    keyboard.press("Enter")
    expect(bench.objects).to_have_count(2)
    keyboard.press("Shift+U")
    hand.click((380, 200), (400, 200), (400, 250), (380, 250))
    keyboard.press("Enter")
    bench.submit()
    bench.expect_delivered()

    first, second = masks_of(owner, project, item)
    assert (first.area_px(), second.area_px()) == (200 * 200 - 100 * 50, 180 * 50)


def test_shapes_are_sliced_joined_and_converted(owner: Person, project: str) -> None:
    bench = Bench(owner, project)
    bench.open()
    item, keyboard = bench.item(), owner.page.keyboard
    hand = Hand(bench)
    keyboard.press("f")
    keyboard.press("2")
    keyboard.press("p")
    hand.click((100, 100), (300, 100), (300, 300), (100, 300))
    keyboard.press("Enter")
    # The second one takes over the border of the first: Ctrl holds each click to a vertex of it.
    keyboard.press("p")
    hand.click((302, 102), (302, 298), holding="Control")
    hand.click((400, 200))
    keyboard.press("Enter")
    expect(bench.objects).to_have_count(2)
    keyboard.press("Control+a")
    keyboard.press("Alt+j")
    hand.drag((80, 200), (450, 200))
    expect(bench.objects).to_have_count(4)
    keyboard.press("v")
    keyboard.press("Control+a")
    keyboard.press("g")
    for press in ("k", "j"):
        keyboard.press(press)
    expect(bench.objects).to_have_count(1)
    for press in ("k", "m"):
        keyboard.press(press)
    for _ in range(4):
        keyboard.press("Control+z")
    expect(bench.objects).to_have_count(2)
    for _ in range(4):
        keyboard.press("Control+y")
    expect(bench.objects).to_have_count(1)
    bench.submit()
    bench.expect_delivered()

    [mask] = masks_of(owner, project, item)
    [annotation] = submitted(owner, project, item)
    assert annotation["group_id"] is not None
    assert mask.bounds_xyxy() == (100, 100, 399, 300)
    assert mask.area_px() == pytest.approx(200 * 200 + 100 * 200 / 2, abs=150)
