"""Every kind of shape by hand: drawn, changed, undone, kept over a reload, redone, submitted, found through the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from playwright.sync_api import expect

from goldsmith.demo.world import World
from tests.e2e.bench import Bench
from tests.e2e.person import Person

Point = tuple[float, float]
CLASSES: Final = """Car #3b82f6, box
Ship #14b8a6, rotated_box
Roof #f59e0b, polygon
Lane #84cc16, polyline
River #0ea5e9, bezier
Wheel #ec4899, ellipse
Bolt #f43f5e, point
Walker #a855f7, skeleton
Crate #f97316, cuboid"""
NEAR_PX: Final = 0.011


class Hand:
    """A hand on the mouse, in the pixels of the picture."""

    def __init__(self, bench: Bench) -> None:
        self.page = bench.page
        self._bench = bench

    def move(self, at: Point) -> None:
        self.page.mouse.move(*self._bench.at(*at))

    def click(self, *points: Point, holding: str | None = None) -> None:
        if holding:
            self.page.keyboard.down(holding)
        for at in points:
            self.move(at)
            self.page.mouse.down()
            self.page.mouse.up()
            # Two clicks in a row must not be taken for a double click.
            self.page.wait_for_timeout(380 if points.count(at) > 1 else 20)
        if holding:
            self.page.keyboard.up(holding)

    def drag(self, start: Point, end: Point, *, holding: str | None = None) -> None:
        self.move(start)
        self.page.mouse.down()
        if holding:
            self.page.keyboard.down(holding)
        self.move(((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        self.move(end)
        self.page.mouse.up()
        if holding:
            self.page.keyboard.up(holding)


class Work(NamedTuple):
    """How a shape is drawn and changed, and what it must be at the end."""

    key: str
    draw: Callable[[Hand], None]
    change: Callable[[Hand], None]
    geometry: dict[str, Any]


def _enter(hand: Hand) -> None:
    hand.page.keyboard.press("Enter")


def _box(hand: Hand) -> None:
    hand.drag((100, 100), (220, 180))


def _extremes(hand: Hand) -> None:
    hand.click((160, 100), (100, 140), (150, 180), (220, 130))


def _rotated_box(hand: Hand) -> None:
    hand.click((100, 200), (200, 200), (150, 260))


def _polygon(hand: Hand) -> None:
    hand.click((100, 100), (300, 100), (300, 300), (100, 300))
    _enter(hand)


def _hole(hand: Hand) -> None:
    hand.page.keyboard.press("Shift+O")
    hand.click((150, 150), (250, 150), (200, 250))
    _enter(hand)


def _line(hand: Hand) -> None:
    hand.click((100, 300), (200, 250), (320, 300))
    _enter(hand)


def _curve(hand: Hand) -> None:
    hand.click((100, 300))
    hand.drag((200, 100), (260, 100))
    hand.click((320, 300))
    _enter(hand)


def _ellipse(hand: Hand) -> None:
    hand.drag((200, 100), (400, 220))


def _move_point(hand: Hand) -> None:
    hand.page.keyboard.press("v")
    hand.drag((320, 200), (340, 230))


def _skeleton(hand: Hand) -> None:
    hand.drag((200, 60), (400, 360))


def _cuboid(hand: Hand) -> None:
    hand.drag((100, 160), (240, 320))
    hand.click((300, 120))


WORKS: Final[dict[str, Work]] = {
    "box": Work(
        "b",
        _box,
        lambda hand: hand.drag((220, 180), (250, 200)),
        {"kind": "box", "box_xyxy": [100, 100, 250, 200]},
    ),
    "box by its extremes": Work(
        "Shift+X",
        _extremes,
        lambda hand: hand.drag((160, 140), (180, 150)),
        {"kind": "box", "box_xyxy": [120, 110, 240, 190]},
    ),
    "rotated box": Work(
        "Shift+B",
        _rotated_box,
        lambda hand: hand.drag((200, 230), (240, 230)),
        {"kind": "rotated_box", "center_xy": [170, 230], "size_wh": [140, 60], "angle_deg": 0},
    ),
    "polygon": Work(
        "p",
        _polygon,
        _hole,
        {
            "kind": "polygon",
            "rings": [[[100, 100], [300, 100], [300, 300], [100, 300]], [[150, 150], [250, 150], [200, 250]]],
        },
    ),
    "line": Work(
        "Shift+L",
        _line,
        lambda hand: hand.drag((320, 300), (360, 320)),
        {"kind": "polyline", "points": [[100, 300], [200, 250], [360, 320]]},
    ),
    "curve": Work(
        "Shift+P",
        _curve,
        lambda hand: hand.drag((260, 100), (200, 40)),
        {
            "kind": "bezier",
            "is_closed": False,
            "nodes": [
                {"at": [100, 300], "handle_in": [100, 300], "handle_out": [100, 300]},
                {"at": [200, 100], "handle_in": [200, 160], "handle_out": [200, 40]},
                {"at": [320, 300], "handle_in": [320, 300], "handle_out": [320, 300]},
            ],
        },
    ),
    "ellipse": Work(
        "Shift+C",
        _ellipse,
        lambda hand: hand.drag((400, 160), (440, 160)),
        {"kind": "ellipse", "center_xy": [320, 160], "radii_xy": [120, 60], "angle_deg": 0},
    ),
    "point": Work(
        ".",
        lambda hand: hand.click((320, 200)),
        _move_point,
        {"kind": "point", "point_xy": [340, 230]},
    ),
    "skeleton": Work(
        "Shift+K", _skeleton, lambda hand: hand.drag((300, 84), (320, 70)), {"kind": "skeleton"}
    ),
    "cuboid": Work(
        "Shift+D",
        _cuboid,
        lambda hand: hand.drag((100, 160), (80, 150)),
        {
            "kind": "cuboid",
            "corners": [
                [80, 150],
                [240, 160],
                [240, 320],
                [80, 320],
                [160, 120],
                [300, 120],
                [300, 280],
                [160, 280],
            ],
        },
    ),
}


def numbers_of(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for key in sorted(value) for number in numbers_of(value[key])]
    if isinstance(value, list):
        return [number for entry in value for number in numbers_of(entry)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def submitted(person: Person, project_id: str, item_name: str) -> list[dict[str, Any]]:
    """What the API says was drawn on an item."""
    tasks = person.ask("GET", f"/projects/{project_id}/tasks?limit=100")["items"]
    for task in tasks:
        page = person.ask("GET", f"/tasks/{task['task_id']}")
        if page["item"]["name"] == item_name:
            return list(page["submissions"][0]["labelling"]["annotations"])
    raise AssertionError(f"no task has the item {item_name}")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One for each kind."""
    folder = tmp_path_factory.mktemp("shapes")
    paths = []
    for picture in World(23).generate(len(WORKS)):
        paths.append(folder / picture.name)
        paths[-1].write_bytes(picture.image_bytes)
    return paths


@pytest.fixture(scope="module")
def project(_founder: Person, pictures: list[Path]) -> str:
    """A project that draws every kind of shape."""
    project_id = _founder.make_project(name="Shapes", classes=CLASSES, overlap=1, review="none")
    _founder.import_pictures(project_id, pictures)
    return project_id


@pytest.mark.parametrize("name", WORKS)
def test_a_shape_by_hand(owner: Person, project: str, name: str) -> None:
    work = WORKS[name]
    bench = Bench(owner, project)
    bench.open()
    item, keyboard = bench.item(), owner.page.keyboard
    hand = Hand(bench)
    keyboard.press("f")
    keyboard.press(work.key)
    work.draw(hand)
    expect(bench.objects).to_have_count(1)
    work.change(hand)
    keyboard.press("Control+z")
    keyboard.press("Control+z")
    expect(bench.objects).to_have_count(0)
    bench.expect_draft_kept()

    owner.page.reload()
    bench.wait_for_task()
    assert bench.item() == item
    keyboard.press("Control+y")
    expect(bench.objects).to_have_count(1)
    keyboard.press("Control+y")
    bench.submit()
    bench.expect_delivered()

    [annotation] = submitted(owner, project, item)
    geometry = annotation["geometry"]
    assert geometry["kind"] == work.geometry["kind"]
    if geometry["kind"] == "skeleton":
        check_skeleton(geometry)
        return
    assert numbers_of(geometry) == pytest.approx(numbers_of(work.geometry), abs=NEAR_PX)


def check_skeleton(geometry: dict[str, Any]) -> None:
    """COCO's seventeen nodes in a box of 200 by 300 pixels; the nose was dragged."""
    nodes = {node["node_id"]: node for node in geometry["nodes"]}
    assert len(nodes) == 17
    assert nodes["nose"]["at"] == pytest.approx([320, 70], abs=NEAR_PX)
    assert nodes["left_ankle"]["at"] == pytest.approx([200 + 0.66 * 200, 60 + 0.97 * 300], abs=NEAR_PX)
    assert {node["state"] for node in nodes.values()} == {"visible"}
