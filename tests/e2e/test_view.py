"""Looking at pictures: turned, adjusted, magnified, and too large for a browser to hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.e2e.bench import PICTURE_PX, Bench
from tests.e2e.person import Person

CLASSES = "Car #3b82f6 box\nPerson #a855f7 box"
RED, GREEN, BLUE, GREY = (200, 40, 40), (40, 170, 60), (50, 70, 200), (120, 120, 120)
MARGIN_PX = 24
Point = tuple[float, float]
_PIXEL = """([x, y]) => {
  const canvas = document.querySelector('canvas[data-canvas]').parentElement.querySelector('canvas');
  const k = canvas.width / canvas.clientWidth;
  return [...canvas.getContext('2d').getImageData(Math.round(x * k), Math.round(y * k), 1, 1).data].slice(0, 3);
}"""

_DARK = """([y]) => {
  const canvas = document.querySelector('canvas[data-canvas]').parentElement.querySelector('canvas');
  const row = canvas.getContext('2d').getImageData(0, Math.round(y), canvas.width, 1).data;
  const levels = Array.from({length: canvas.width}, (_, i) => row[4 * i] + row[4 * i + 1] + row[4 * i + 2]);
  return levels.filter((level) => level < 150).length;
}"""
_TILES = "performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/tiles/')).length"


@pytest.fixture
def quarters(tmp_path: Path) -> list[Path]:
    """Pictures of four fields: red, green, grey, blue, clockwise from the top left."""
    width, height = PICTURE_PX
    paths = []
    for number in range(3):
        image = Image.new("RGB", PICTURE_PX, RED)
        draw = ImageDraw.Draw(image)
        draw.rectangle((width // 2, 0, width, height // 2 - 1), fill=GREEN)
        draw.rectangle((width // 2, height // 2, width, height), fill=GREY)
        draw.rectangle((0, height // 2, width // 2 - 1, height), fill=BLUE)
        draw.point((number, 0), fill=(255, 255, 255))
        paths.append(tmp_path / f"quarters-{number}.png")
        image.save(paths[-1])
    return paths


def open_bench(person: Person, pictures: list[Path], *, project: str) -> Bench:
    project_id = person.make_project(name=project, classes=CLASSES, overlap=1, review="none")
    person.import_pictures(project_id, pictures)
    bench = Bench(person, project_id)
    bench.open()
    return bench


def size_of(bench: Bench) -> Point:
    area = bench.canvas.bounding_box()
    assert area is not None
    return area["width"], area["height"]


def on_canvas(bench: Bench, x: float, y: float, *, turn_deg: float) -> Point:
    """Where a place of the picture is on the canvas while the picture fits it, turned clockwise."""
    width, height = size_of(bench)
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    across = abs(PICTURE_PX[0] * cos) + abs(PICTURE_PX[1] * sin)
    down = abs(PICTURE_PX[0] * sin) + abs(PICTURE_PX[1] * cos)
    scale = min((width - 2 * MARGIN_PX) / across, (height - 2 * MARGIN_PX) / down)
    dx, dy = (x - PICTURE_PX[0] / 2) * scale, (y - PICTURE_PX[1] / 2) * scale
    return width / 2 + dx * cos - dy * sin, height / 2 + dx * sin + dy * cos


def point_at(bench: Bench, place: Point) -> None:
    area = bench.canvas.bounding_box()
    assert area is not None
    bench.page.mouse.move(area["x"] + place[0], area["y"] + place[1])


def expect_pixel(page: Page, place: Point, wanted: Callable[[list[int]], bool]) -> None:
    """Wait until the pixel at a place of the canvas is as wanted."""
    seen: list[int] = []
    for _ in range(100):
        seen = page.evaluate(_PIXEL, list(place))
        if wanted(seen):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"the pixel at {place} is {seen}")


def near(color: tuple[int, int, int]) -> Callable[[list[int]], bool]:
    return lambda seen: all(abs(a - b) <= 4 for a, b in zip(seen, color, strict=True))


def newest_box(person: Person, project_id: str) -> list[float]:
    tasks = person.ask("GET", f"/projects/{project_id}/tasks")["items"]
    found = [person.ask("GET", f"/tasks/{task['task_id']}")["submissions"] for task in tasks]
    [submission] = [entry for submissions in found for entry in submissions]
    [annotation] = submission["labelling"]["annotations"]
    box: list[float] = annotation["geometry"]["box_xyxy"]
    return box


def test_what_is_drawn_on_a_turned_view_lies_where_it_was_drawn(owner: Person, quarters: list[Path]) -> None:
    bench = open_bench(owner, quarters, project="Turned")
    page = owner.page
    fields = {(160, 96): RED, (480, 96): GREEN, (480, 288): GREY, (160, 288): BLUE}
    page.keyboard.press("f")
    for turn_deg in (0, 90, 180):
        for (x, y), color in fields.items():
            expect_pixel(page, on_canvas(bench, x, y, turn_deg=turn_deg), near(color))
        page.keyboard.press("Alt+.")
    page.keyboard.press("Alt+,")
    page.keyboard.press("Alt+,")
    expect(page.locator("footer")).to_contain_text("90°")

    page.keyboard.press("n")
    page.keyboard.press("1")
    point_at(bench, on_canvas(bench, 60, 40, turn_deg=90))
    page.mouse.down()
    point_at(bench, on_canvas(bench, 120, 100, turn_deg=90))
    point_at(bench, on_canvas(bench, 210, 130, turn_deg=90))
    page.mouse.up()
    expect(bench.objects).to_have_count(1)
    # leaning freely: the object is picked up and moved as anywhere
    for _ in range(6):
        page.keyboard.press("Alt+Shift+>")
    expect(page.locator("footer")).to_contain_text("120°")
    page.keyboard.press("Escape")
    point_at(bench, on_canvas(bench, 135, 85, turn_deg=120))
    page.mouse.down()
    point_at(bench, on_canvas(bench, 200, 85, turn_deg=120))
    point_at(bench, on_canvas(bench, 235, 105, turn_deg=120))
    page.mouse.up()
    bench.submit()
    bench.expect_delivered()
    assert newest_box(owner, bench.project_id) == pytest.approx([160, 60, 310, 150], abs=1.5)
    # the next picture is as large: it lies as the last one did
    expect(page.locator("footer")).to_contain_text("120°")


def test_settings_of_the_view_outlive_the_task_and_the_page(owner: Person, quarters: list[Path]) -> None:
    bench = open_bench(owner, quarters, project="Adjusted")
    page = owner.page
    place = on_canvas(bench, 480, 288, turn_deg=0)
    expect_pixel(page, place, near(GREY))
    page.keyboard.press("w")
    page.keyboard.press("w")
    panel = page.get_by_role("dialog", name="View")
    expect(panel).to_be_visible()
    brightness = panel.get_by_label("Brightness")
    expect(brightness).to_be_focused()
    for _ in range(30):
        brightness.press("ArrowRight")
    expect_pixel(page, place, near((197, 197, 197)))
    panel.get_by_label("Invert").check()
    expect_pixel(page, place, near((58, 58, 58)))
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)

    for again in (page.reload, bench.submit):
        again()
        bench.wait_for_task()
        expect_pixel(page, on_canvas(bench, 480, 288, turn_deg=0), near((58, 58, 58)))
    # the pixel under the pointer is told as it is in the picture
    point_at(bench, on_canvas(bench, 160.5, 96.5, turn_deg=0))
    expect(page.locator("footer")).to_contain_text("200 40 40")
    page.keyboard.press("w")
    page.keyboard.press("r")
    expect_pixel(page, on_canvas(bench, 480, 288, turn_deg=0), near(GREY))
    bench.expect_delivered()


def test_loupe_grid_and_map_by_their_keys(owner: Person, quarters: list[Path]) -> None:
    bench = open_bench(owner, quarters, project="Magnified")
    page = owner.page
    width, height = size_of(bench)
    page.keyboard.press("w")
    page.keyboard.press("g")
    # a line of the grid crosses the picture where a multiple of its size lies
    x, y = on_canvas(bench, 100, 75, turn_deg=0)
    expect_pixel(page, (round(x), y), lambda seen: not near(RED)(seen))
    page.keyboard.press("w")
    page.keyboard.press("g")
    expect_pixel(page, (round(x), y), near(RED))

    page.mouse.move(0, 0)
    page.keyboard.press("w")
    page.keyboard.press("z")
    point_at(bench, (width / 2, height / 2))
    point_at(bench, (width / 2 - 20, height / 2 - 20))
    page.keyboard.press("w")
    page.keyboard.press("z")

    overview = page.locator("[data-minimap]")
    expect(overview).to_have_count(0)
    page.keyboard.press("Alt+1")
    for _ in range(8):
        page.keyboard.press("+")
    expect(overview).to_be_visible()
    area = overview.bounding_box()
    assert area is not None
    page.mouse.click(area["x"] + area["width"] * 0.1, area["y"] + area["height"] * 0.9)
    expect_pixel(page, (width / 2, height / 2), near(BLUE))
    page.mouse.click(area["x"] + area["width"] * 0.9, area["y"] + area["height"] * 0.1)
    expect_pixel(page, (width / 2, height / 2), near(GREEN))


@pytest.mark.soak
def test_a_huge_image_is_shown_by_tiles(owner: Person, tmp_path: Path) -> None:
    side = 16_000
    image = Image.new("RGB", (side, side), (90, 110, 130))
    draw = ImageDraw.Draw(image)
    fields: dict[Point, tuple[int, int, int]] = {}
    for row in range(8):
        for column in range(8):
            color = (30 + 25 * row, 30 + 25 * column, 200 - 20 * row)
            left, top = column * 2000, row * 2000
            draw.rectangle((left + 300, top + 300, left + 1699, top + 1699), fill=color)
            # a single dark line, which no preview can show
            draw.line((left + 1000, top + 300, left + 1000, top + 1699), fill=(0, 0, 0), width=1)
            fields[left + 1000.0, top + 1000.0] = color
    path = tmp_path / "huge.png"
    image.save(path, compress_level=1)
    bench = open_bench(owner, [path], project="Huge")
    page = owner.page
    expect(page.locator("footer")).to_contain_text("16000 × 16000")
    width, height = size_of(bench)
    point_at(bench, (width / 2, height / 2))
    page.keyboard.press("Alt+1")
    _look_around(bench, fields)
    tiles: int = page.evaluate(
        "performance.getEntriesByType('resource').filter((r) => r.name.includes('/tiles/')).length"
    )
    assert tiles > 20
    page.keyboard.press("Alt+.")
    expect(page.locator("footer")).to_contain_text("90°")
    page.keyboard.press("f")
    expect_pixel(page, (width / 2, height / 2), lambda seen: seen != [0, 0, 0])


def _look_around(bench: Bench, fields: dict[Point, tuple[int, int, int]]) -> None:
    """Go to each field by the map and see its colour and its line, as sharp as in the file."""
    page = bench.page
    width, height = size_of(bench)
    overview = page.locator("[data-minimap]")
    expect(overview).to_be_visible()
    area: Any = overview.bounding_box()
    for (x, y), color in list(fields.items())[::9]:
        page.mouse.click(area["x"] + area["width"] * x / 16_000, area["y"] + area["height"] * y / 16_000)
        expect_pixel(page, (width / 2 - 200, height / 2), near(color))
        for _ in range(600):  # the tiles are made at the first look
            if page.evaluate(_DARK, [height / 2]) in (1, 2):
                break
            page.wait_for_timeout(100)
        else:
            raise AssertionError(f"the line at {x}, {y} is not to be seen")
