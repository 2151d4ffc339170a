"""The labelling and review pages as a person's hands know them."""

from __future__ import annotations

from typing import Final, NamedTuple

from playwright.sync_api import Locator, Page, expect

from tests.e2e.person import Person

PICTURE_PX: Final = (640, 384)
"""Of the generated streets."""
_MARGIN_PX: Final = 24
"""Around a picture that fits its canvas."""

_COUNT: Final = "function () { return this.filter((bitmap) => bitmap.width > 0).length; }"

BoxXyxy = tuple[float, float, float, float]


class Drawn(NamedTuple):
    """A box by hand: the key of its class, and where it goes in the picture's pixels."""

    key: str
    box_xyxy: BoxXyxy


class Bench:
    """A person at the workbench."""

    def __init__(self, person: Person, project_id: str, *, stage: str = "label") -> None:
        self.project_id = project_id
        self._person = person
        self._path = f"/projects/{project_id}/{stage}"

    @property
    def page(self) -> Page:
        """The tab at hand."""
        return self._person.page

    @property
    def canvas(self) -> Locator:
        """Where the picture is."""
        return self.page.locator("canvas[data-canvas]")

    @property
    def status(self) -> Locator:
        """Says where the work is safe."""
        return self.page.locator(".status")

    @property
    def objects(self) -> Locator:
        """The rows of the list of objects."""
        return self.page.get_by_role("list", name="Objects").get_by_role("listitem")

    def open(self) -> None:
        """Open the page, with a task on it."""
        self._person.open(self._path)
        self.wait_for_task()

    def open_empty(self) -> None:
        """Open the page, whatever it shows."""
        self._person.open(self._path)

    def wait_for_task(self) -> None:
        """Wait until there is a picture; the instructions are put aside."""
        expect(self.canvas).to_be_visible()
        expect(self.page.locator("header .item")).to_be_visible()
        hide = self.page.get_by_role("button", name="Hide the instructions")
        if hide.count():
            hide.click()

    def item(self) -> str:
        """Name of the picture."""
        return self.page.locator("header .item").inner_text()

    def draw(self, drawn: Drawn) -> None:
        """Draw a box with keys and mouse."""
        page = self.page
        page.keyboard.press("Escape")
        page.keyboard.press("f")
        page.keyboard.press("n")
        page.keyboard.press(drawn.key)
        x0, y0, x1, y1 = drawn.box_xyxy
        start, end = self.at(x0, y0), self.at(x1, y1)
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        page.mouse.move(*end)
        page.mouse.up()
        page.keyboard.press("Escape")

    def submit(self) -> None:
        """Hand in, and wait until another picture or the end is shown."""
        before = self.item()
        self.page.keyboard.press("Control+Enter")
        expect(self.page.locator("header .item").filter(has_text=before)).to_have_count(0)

    def expect_delivered(self) -> None:
        """Wait until nothing waits to be sent."""
        expect(self.status).to_contain_text("Saved")

    def expect_draft_kept(self) -> None:
        """Wait until the server has what was drawn: a draft is sent within a second."""
        self.page.wait_for_timeout(1200)
        self.expect_delivered()

    def bitmaps(self) -> int:
        """How many bitmaps the page holds on to, shown or not."""
        tools = self.page.context.new_cdp_session(self.page)
        count = 0
        for kind in ("HTMLCanvasElement", "ImageBitmap"):
            made = tools.send("Runtime.evaluate", {"expression": f"{kind}.prototype"})["result"]
            all_of = tools.send("Runtime.queryObjects", {"prototypeObjectId": made["objectId"]})["objects"]
            told = tools.send(
                "Runtime.callFunctionOn",
                {"objectId": all_of["objectId"], "functionDeclaration": _COUNT, "returnByValue": True},
            )
            count += told["result"]["value"]
        tools.detach()
        return count

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the picture is in the window, while the picture fits its canvas."""
        area = self.canvas.bounding_box()
        assert area is not None
        width, height = PICTURE_PX
        scale = min((area["width"] - 2 * _MARGIN_PX) / width, (area["height"] - 2 * _MARGIN_PX) / height)
        return (
            area["x"] + area["width"] / 2 + (x - width / 2) * scale,
            area["y"] + area["height"] / 2 + (y - height / 2) * scale,
        )
