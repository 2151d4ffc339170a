"""A hand on the mouse, in the pixels of the picture, and what the API says it drew."""

from __future__ import annotations

from typing import Any

from tests.e2e.bench import Bench
from tests.e2e.person import Person

Point = tuple[float, float]
_CLICK_MS = 20
_NO_DOUBLE_CLICK_MS = 380
"""Two presses on one place are two clicks after so long."""


class Hand:
    """A hand on the mouse, in the pixels of the picture; it never double-clicks."""

    def __init__(self, bench: Bench) -> None:
        self.page = bench.page
        self._bench = bench
        self._last: Point | None = None

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def move(self, at: Point) -> None:
        """Move to a place."""
        self.page.mouse.move(*self._bench.at(*at))

    def click(self, *points: Point, holding: str | None = None) -> None:
        """Click on places, with a key held."""
        if holding:
            self.page.keyboard.down(holding)
        for at in points:
            self._press(at)
            self.page.mouse.up()
            self.page.wait_for_timeout(_CLICK_MS)
        if holding:
            self.page.keyboard.up(holding)

    def drag(self, start: Point, end: Point, *, holding: str | None = None) -> None:
        """Drag from one place to another; the key is pressed once the button is down."""
        self._press(start)
        if holding:
            self.page.keyboard.down(holding)
        self.move(((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        self.move(end)
        self.page.mouse.up()
        if holding:
            self.page.keyboard.up(holding)

    def _press(self, at: Point) -> None:
        self.move(at)
        if at == self._last:
            self.page.wait_for_timeout(_NO_DOUBLE_CLICK_MS)
        self._last = at
        self.page.mouse.down()


def task_page(person: Person, project_id: str, item_name: str) -> dict[str, Any]:
    """What the API tells of the task of an item."""
    tasks = person.ask("GET", f"/projects/{project_id}/tasks?text={item_name}")["items"]
    [task] = [task for task in tasks if task["name"] == item_name]
    page: dict[str, Any] = person.ask("GET", f"/tasks/{task['task_id']}")
    return page


def submitted(person: Person, project_id: str, item_name: str) -> list[dict[str, Any]]:
    """What the API says was drawn on an item."""
    page = task_page(person, project_id, item_name)
    return list(page["submissions"][0]["labelling"]["annotations"])
