"""A hand that does random things, with reloads in between: the page, its log, the server and the submission agree."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.e2e.bench import PICTURE_PX, Bench, Drawn
from tests.e2e.person import Person
from tests.e2e.replay import Replay

CLASSES = "Car #3b82f6 box,polygon,ellipse\nPerson #a855f7 box,polygon,ellipse"
STEPS = 100
_LINES = """async () => {
  const open = indexedDB.open('goldsmith');
  const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
  const all = db.transaction('lines').objectStore('lines').getAll();
  const found = await new Promise((done) => (all.onsuccess = () => done(all.result)));
  db.close();
  return found.map((entry) => entry.line);
}"""


class RandomHand:
    """Draws, moves, changes, deletes, takes back and makes again, as a seed says."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self._bench = bench
        self._rng = random.Random(seed)

    def act(self) -> None:
        """Do something."""
        roll = self._rng.random()
        press = self._bench.page.keyboard.press
        if roll < 0.22:
            self._draw()
        elif roll < 0.3:
            self._draw_polygon()
        elif roll < 0.45:
            press("Tab")
            for _ in range(self._rng.randint(1, 3)):
                press(self._rng.choice(["ArrowLeft", "Shift+ArrowRight", "ArrowUp", "Shift+ArrowDown"]))
        elif roll < 0.53:
            press("Tab")
            press(self._rng.choice("12"))
        elif roll < 0.6:
            press("Tab")
            press(self._rng.choice(["o", "u"]))
        elif roll < 0.66:
            press("Tab")
            press("Control+d")
        elif roll < 0.71:
            press("Tab")
            press("Delete")
        elif roll < 0.87:
            press("Control+z")
        else:
            press("Control+y")

    def _spot(self) -> tuple[float, float]:
        width, height = PICTURE_PX
        return self._rng.uniform(20, width - 120), self._rng.uniform(20, height - 120)

    def _draw(self) -> None:
        x, y = self._spot()
        size = self._rng.uniform(20, 90)
        self._bench.page.keyboard.press("b")
        self._bench.page.keyboard.press("Escape")
        self._bench.draw(Drawn(self._rng.choice("12"), (x, y, x + size, y + size)))

    def _draw_polygon(self) -> None:
        page = self._bench.page
        x, y = self._spot()
        page.keyboard.press("Escape")
        page.keyboard.press("p")
        for dx, dy in ((0, 0), (80, 10), (50, 70)):
            page.mouse.click(*self._bench.at(x + dx, y + dy))
            page.wait_for_timeout(350)  # two quick clicks would close it
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")


def expect_objects(bench: Bench, count: int) -> None:
    """The list holds so many; it shows the rows in view alone, and each of them says of how many it is one."""
    if count:
        expect(bench.objects.first).to_have_attribute("aria-setsize", str(count))
    else:
        expect(bench.objects).to_have_count(0)


def draft_of(owner: Person, project_id: str) -> Any:
    (held,) = [
        entry for entry in owner.ask("GET", f"/projects/{project_id}/leases")["items"] if entry["draft"]
    ]
    return held["draft"]


def test_random_steps_and_reloads_never_lose_a_thing(owner: Person, streets: list[Path]) -> None:
    project_id = owner.make_project(name="Random", classes=CLASSES, overlap=1, review="none")
    owner.import_pictures(project_id, streets[:1])
    bench = Bench(owner, project_id)
    bench.open()
    hand = RandomHand(bench, seed=20)
    rng = random.Random(4)
    reloads = 0
    for step in range(STEPS):
        hand.act()
        if rng.random() > 0.06 and step != STEPS - 1:
            continue
        reloads += 1
        bench.page.wait_for_timeout(200)
        kept = owner.page.evaluate(_LINES)
        replayed = Replay(kept)
        expect_objects(bench, len(replayed.entries))
        owner.page.reload()
        bench.wait_for_task()
        expect_objects(bench, len(replayed.entries))
    assert reloads > 5
    bench.draw(Drawn("1", (10, 10, 60, 60)))
    bench.expect_draft_kept()
    kept = owner.page.evaluate(_LINES)
    assert len(kept) > STEPS / 2
    assert draft_of(owner, project_id)["log"] == kept

    # back to the beginning and to the end again
    replayed = Replay(kept)
    for _ in range(replayed.undo_count):
        owner.page.keyboard.press("Control+z")
    expect(bench.objects).to_have_count(0)
    for _ in range(replayed.undo_count):
        owner.page.keyboard.press("Control+y")
    expect_objects(bench, len(replayed.entries))
    bench.submit()
    bench.expect_delivered()
    rows = owner.ask("GET", f"/projects/{project_id}/tasks?limit=10")["items"]
    (submission,) = owner.ask("GET", f"/tasks/{rows[0]['task_id']}")["submissions"]
    assert [plain(entry) for entry in submission["labelling"]["annotations"]] == [
        plain(entry) for entry in replayed.annotations()
    ]


def plain(annotation: dict[str, Any]) -> dict[str, Any]:
    """What a submission and a draft both say of an object."""
    names = ("annotation_id", "class_id", "geometry", "attributes", "is_occluded", "is_truncated")
    return {name: annotation[name] for name in names}
