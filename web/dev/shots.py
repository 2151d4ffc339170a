"""Screenshots of the workbench on the mock, in light and dark, at several sizes; prints console errors. For development only.

Start first: ``DEV_UI=<built UI> node dev/mock-server.mjs``. Usage: shots.py OUT [label|review|...] [URL]
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def label_scene(page: Page) -> None:
    canvas = page.locator("canvas[data-canvas]")
    box = canvas.bounding_box()
    assert box is not None
    at = lambda x, y: (box["x"] + box["width"] * x, box["y"] + box["height"] * y)  # noqa: E731
    for key, a, b in (("2", (0.30, 0.62), (0.45, 0.76)), ("4", (0.55, 0.46), (0.58, 0.57)), ("2", (0.60, 0.70), (0.80, 0.93))):
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        page.keyboard.press(key)
        page.mouse.move(*at(*a))
        page.mouse.down()
        page.mouse.move(*at(0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])))
        page.mouse.move(*at(*b))
        page.mouse.up()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    page.keyboard.press("7")
    for point in ((0.1, 0.3), (0.2, 0.28), (0.22, 0.4), (0.12, 0.45)):
        page.mouse.click(*at(*point))
    page.keyboard.press("Enter")
    page.mouse.click(*at(0.7, 0.8))
    page.wait_for_timeout(1200)


def review_scene(page: Page, *, is_wide: bool) -> None:
    canvas = page.locator("canvas[data-canvas]")
    box = canvas.bounding_box()
    assert box is not None
    if not is_wide:
        return
    page.keyboard.press("j")
    page.wait_for_timeout(300)
    page.keyboard.press("c")
    page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4)
    page.keyboard.type("The box should end at the bumper")
    page.keyboard.press("Enter")
    page.keyboard.press("r")
    page.wait_for_timeout(300)
    page.keyboard.press("3")
    page.wait_for_timeout(300)


def main() -> None:
    out, which = Path(sys.argv[1]), sys.argv[2]
    base = sys.argv[3] if len(sys.argv) > 3 else "http://127.0.0.1:8787"
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for scheme, size in (("dark", (1280, 720)), ("light", (1280, 720)), ("dark", (1920, 1080)), ("light", (1920, 1080))):
            context = browser.new_context(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
            page = context.new_page()
            page.on("console", lambda m: print(m.type, m.text) if m.type in ("error", "warning") else None)
            page.on("pageerror", lambda e: print("PAGE ERROR", e))
            page.goto(f"{base}/projects/prj_demo/{which}")
            page.wait_for_selector("canvas[data-canvas]")
            page.wait_for_timeout(500)
            if which == "label":
                label_scene(page)
            if which == "review":
                review_scene(page, is_wide=size[0] > 1500)
            page.screenshot(path=out / f"{which}-{scheme}-{size[0]}.png")
            context.close()
        browser.close()


main()
