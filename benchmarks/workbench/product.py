"""What a person waits for in the product itself: a task to open, the next one to come, a large photo to be there.

Times are those of the page's own user timing marks (``web/src/workbench/view/milestones.ts``): "decoded" when the
picture is, "shown" when the frame that painted picture and objects was handed on.
"""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.workbench.browser import Chromium
from benchmarks.workbench.quiet import measure_quietly
from benchmarks.workbench.site import EMAIL, PASSWORD, Site

VIEWPORT: Final = {"width": 1600, "height": 900}
_SETTLE_MS: Final = 1200
_PATIENCE_S: Final = 60.0
_SHOWN: Final = "() => performance.getEntriesByName('goldsmith.shown').length > 0"
_WHOLE: Final = "() => performance.getEntriesByName('goldsmith.whole').length > 0"
_TIMES: Final = """() => {
  const last = (name) => performance.getEntriesByName('goldsmith.' + name).at(-1)?.startTime ?? null;
  const firstDecoded = performance.getEntriesByName('goldsmith.decoded')[0]?.startTime ?? null;
  return {shown: last('shown'), whole: last('whole'), decoded: firstDecoded, pressed: window.pressedAt ?? null};
}"""
_WATCH_KEYS: Final = """
addEventListener('keydown', (event) => { if (event.key === 'Enter') window.pressedAt = performance.now(); }, true);
addEventListener('click', (event) => { window.pressedAt = performance.now(); }, true);
"""


class Product:
    """A signed-in person's browser in front of the site."""

    def __init__(self, browser: Chromium, site: Site) -> None:
        self._browser = browser
        self._site = site
        self._storage: Any = None

    def sign_in(self) -> None:
        """Sign in once; all later tabs are signed in."""
        page = self._browser.new_page(VIEWPORT)
        page.goto(f"{self._site.url}/login")
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Streets").first.wait_for()
        self._storage = page.context.storage_state()
        page.context.close()

    def opening(self, times: int) -> dict[str, float]:
        """Milliseconds until a task of 1,000 shapes is on screen, on a page loaded afresh.

        From the moment its picture is decoded, and from the navigation.
        """

        def once() -> dict[str, float]:
            page = self._open(f"/projects/{self._site.projects.streets}/label")
            found = self._when_shown(page)
            page.context.close()
            return {
                "from_picture_ms": found["shown"] - found["decoded"],
                "from_navigation_ms": found["shown"],
            }

        return measure_quietly(once, times)

    def switching(self, times: int) -> dict[str, float]:
        """Milliseconds from the key that submits to the next task, with its 1,000 shapes, on screen."""
        page = self._open(f"/projects/{self._site.projects.streets}/label")
        self._when_shown(page)

        def once() -> dict[str, float]:
            page.wait_for_timeout(_SETTLE_MS)
            page.evaluate("performance.clearMarks()")
            page.keyboard.press("Control+Enter")
            found = self._when_shown(page)
            return {"ms": found["shown"] - found["pressed"]}

        found = measure_quietly(once, times)
        page.context.close()
        return found

    def photo(self, times: int) -> dict[str, float]:
        """Milliseconds until a 12-megapixel photo is on screen: its preview first ("shown"), then all of its pixels.

        From a click on the project's page, and from a page loaded afresh ("cold").
        """
        label = f"/projects/{self._site.projects.photos}/label"

        def once() -> dict[str, float]:
            page = self._open(label)
            cold = self._when_shown(page, _WHOLE)
            page.context.close()
            page = self._open(f"/projects/{self._site.projects.photos}")
            link = page.locator(f"a[href='{label}']").first
            link.wait_for()
            page.wait_for_timeout(_SETTLE_MS)
            link.click()
            warm = self._when_shown(page, _WHOLE)
            page.context.close()
            start = warm["pressed"]
            return {
                "shown_ms": warm["shown"] - start,
                "whole_ms": warm["whole"] - start,
                "cold_shown_ms": cold["shown"],
                "cold_whole_ms": cold["whole"],
            }

        return measure_quietly(once, times)

    def weight(self) -> dict[str, Any]:
        """Bytes of all script and style that the labelling page loads, compressed as a server would."""
        page = self._browser.new_page(VIEWPORT, storage=self._storage)
        bodies: dict[str, bytes] = {}
        page.on("response", lambda r: bodies.update({r.url: r.body()}) if _is_code(r.url) else None)
        page.goto(f"{self._site.url}/projects/{self._site.projects.streets}/label")
        self._when_shown(page)
        page.context.close()
        sizes = {Path(urlsplit(url).path).name: len(gzip.compress(body, 6)) for url, body in bodies.items()}
        return {"gzip_kb": round(sum(sizes.values()) / 1000, 1), "files": sizes}

    def scan(self, frames: int) -> dict[str, float]:
        """Milliseconds until a 16,000 x 16,000 image is on screen, and its median frames a second while it pans."""
        page = self._open(f"/projects/{self._site.projects.scans}/label")
        shown_ms = self._when_shown(page)["shown"]
        page.wait_for_timeout(20_000)
        canvas = page.locator("canvas[data-canvas]")
        canvas.press("Alt+1")
        fps = page.evaluate(_PAN, frames)
        page.context.close()
        return {"shown_ms": round(shown_ms, 1), "pan_fps": round(fps, 1)}

    def _open(self, path: str) -> Any:
        page = self._browser.new_page(VIEWPORT, storage=self._storage)
        page.add_init_script(_WATCH_KEYS)
        page.goto(self._site.url + path, wait_until="commit")
        return page

    def _when_shown(self, page: Any, what: str = _SHOWN) -> dict[str, float]:
        deadline_s = time.monotonic() + _PATIENCE_S
        while not page.evaluate(what):  # the page's policy lets no wait_for_function in
            if time.monotonic() > deadline_s:
                raise SystemExit(f"the page does not show a task: {page.url}")
            page.wait_for_timeout(20)
        found: dict[str, float] = page.evaluate(_TIMES)
        return found


_PAN: Final = """async (frames) => {
  const canvas = document.querySelector('canvas[data-canvas]');
  const send = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type,
    {clientX: x, clientY: y, button: type === 'pointermove' ? -1 : 1, buttons: 4, pointerId: 1, bubbles: true}));
  const frame = () => new Promise(requestAnimationFrame);
  canvas.setPointerCapture = () => undefined;
  send('pointerdown', 800, 450);
  const gaps = [];
  let last = await frame();
  for (let n = 0; n < frames; n++) {
    send('pointermove', 800 + 12 * n, 450 + 7 * n);
    const now = await frame();
    gaps.push(now - last);
    last = now;
  }
  send('pointerup', 800, 450);
  return 1000 / gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)];
}"""


def _is_code(url: str) -> bool:
    return urlsplit(url).path.endswith((".js", ".css"))
