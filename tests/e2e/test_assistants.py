"""Assistants in a browser: outlines found by the page's worker and by a model on the server, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from goldsmith.core.geometry import parse_geometry
from goldsmith.core.geometry.raster import mask_of_shape, pixels_in_image
from tests.e2e.bench import PICTURE_PX, Bench
from tests.e2e.person import Person
from tests.integration.training import small_models

WIDTH, HEIGHT = PICTURE_PX
CENTRE, RADIUS = (200, 190), 80
NEAR_IOU = 0.93
ONTOLOGY: dict[str, Any] = {
    "classes": [
        {"class_id": "car", "name": "Car", "color": "#3b82f6", "geometry_kinds": ["mask", "polygon"]},
        {"class_id": "sign", "name": "Sign", "color": "#f59e0b", "geometry_kinds": ["box"]},
    ]
}


def draw_scene(path: Path, *, seed: int) -> Path:
    """A red disc on noisy green, and a blue square apart from it."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (70, 110, 80))
    draw = ImageDraw.Draw(image)
    (x, y), r = CENTRE, RADIUS
    draw.ellipse((x - r, y - r, x + r, y + r), fill=(200, 60, 50))
    draw.rectangle((420, 120, 520, 220), fill=(40, 60, 190))
    noise = np.random.default_rng(seed).integers(-8, 9, (HEIGHT, WIDTH, 3))
    pixels = np.clip(np.asarray(image).astype(int) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def disc() -> np.ndarray:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return (columns + 0.5 - CENTRE[0]) ** 2 + (rows + 0.5 - CENTRE[1]) ** 2 < RADIUS**2


def iou_with_disc(geometry: dict[str, Any]) -> float:
    mask = mask_of_shape(parse_geometry(geometry), width_px=WIDTH, height_px=HEIGHT)
    assert mask is not None
    found, truth = pixels_in_image(mask, width_px=WIDTH, height_px=HEIGHT), disc()
    return float((found & truth).sum() / (found | truth).sum())


@pytest.fixture
def bench(owner: Person, tmp_path: Path) -> Bench:
    """Somebody in front of the first of three pictures."""
    project = owner.ask(
        "POST", "/workspaces/{w}/projects", {"name": f"Discs {tmp_path.name}", "ontology": ONTOLOGY}
    )
    project_id = project["project_id"]
    owner.import_pictures(project_id, [draw_scene(tmp_path / f"{n}.png", seed=n) for n in range(3)])
    made = Bench(owner, project_id)
    made.open()
    return made


def handed_in(owner: Person, bench: Bench) -> list[dict[str, Any]]:
    """Submit, and return the annotations as the API has them."""
    bench.submit()
    bench.expect_delivered()
    tasks = owner.ask("GET", f"/projects/{bench.project_id}/tasks")["items"]
    done = [task for task in tasks if task["submission_count"]]
    pages = [owner.ask("GET", f"/tasks/{task['task_id']}") for task in done]
    newest = max((s for page in pages for s in page["submissions"]), key=lambda s: s["submission_id"])
    annotations: list[dict[str, Any]] = newest["labelling"]["annotations"]
    return annotations


def click(bench: Bench, x: float, y: float) -> None:
    bench.page.mouse.move(*bench.at(x, y))
    bench.page.mouse.click(*bench.at(x, y))


def take(bench: Bench, name: str) -> None:
    """Take an assistant in hand, and wait until it is loaded."""
    bench.page.get_by_role("button", name=name).click()
    expect(bench.page.get_by_role("region", name="Assistant")).to_be_visible()


def waits(bench: Bench) -> None:
    expect(bench.page.get_by_role("button", name="Accept")).to_be_visible()


def drag(bench: Bench, *places: tuple[float, float]) -> None:
    mouse = bench.page.mouse
    mouse.move(*bench.at(*places[0]))
    mouse.down()
    for place in places[1:]:
        mouse.move(*bench.at(*place))
    mouse.up()


def by_wand(bench: Bench) -> None:
    take(bench, "Magic wand")
    click(bench, *CENTRE)


def by_cut_out(bench: Bench) -> None:
    take(bench, "Cut out")
    drag(bench, (105, 95), (200, 200), (300, 285))


def by_superpixels(bench: Bench) -> None:
    take(bench, "Superpixels")
    bench.page.mouse.move(*bench.at(*CENTRE))
    bench.page.wait_for_timeout(1500)  # the picture is divided into cells
    rows = [(x, y) for y in range(118, 266, 8) for x in range(128, 276, 6)]
    drag(bench, *[(x, y) for x, y in rows if (x - 200) ** 2 + (y - 190) ** 2 < 72**2])


TOOLS: dict[str, Callable[[Bench], None]] = {
    "assist:wand": by_wand,
    "assist:cutout": by_cut_out,
    "assist:superpixels": by_superpixels,
}


@pytest.mark.parametrize("source", TOOLS)
def test_a_tool_finds_the_outline_that_survives_undo_and_reload(
    source: str, owner: Person, bench: Bench
) -> None:
    TOOLS[source](bench)
    waits(bench)
    bench.page.keyboard.press("Enter")
    expect(bench.objects).to_have_count(1)
    bench.page.keyboard.press("Control+z")
    expect(bench.objects).to_have_count(0)
    bench.expect_draft_kept()
    bench.page.reload()
    bench.wait_for_task()
    bench.page.keyboard.press("Control+Shift+z")
    expect(bench.objects).to_have_count(1)
    (annotation,) = handed_in(owner, bench)
    assert annotation["origin"] == source
    assert annotation["geometry"]["kind"] == "mask"
    assert iou_with_disc(annotation["geometry"]) > (0.85 if source == "assist:superpixels" else NEAR_IOU)
    report = owner.ask("GET", f"/projects/{bench.project_id}/assistance")["sources"]
    assert [(row["source"], row["accepted"], row["refused"]) for row in report] == [(source, 1, 0)]


def test_scissors_follow_the_border_and_a_fit_tightens_a_box(owner: Person, bench: Bench) -> None:
    page = bench.page
    page.keyboard.press("1")
    take(bench, "Intelligent scissors")
    page.get_by_label("Shape").select_option("polygon")
    for x, y in ((200, 112), (278, 192), (201, 268), (122, 188)):
        click(bench, x, y)
        page.wait_for_timeout(700)  # the ways from the new anchor are searched
    page.keyboard.press("Enter")
    expect(bench.objects).to_have_count(1)
    page.keyboard.press("2")
    page.keyboard.press("b")
    drag(bench, (400, 104), (450, 150), (538, 240))
    expect(bench.objects).to_have_count(2)
    page.keyboard.press("Shift+F")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    page.wait_for_timeout(1500)
    polygon, box = handed_in(owner, bench)
    assert (polygon["geometry"]["kind"], polygon["origin"]) == ("polygon", "assist:scissors")
    assert iou_with_disc(polygon["geometry"]) > NEAR_IOU
    assert box["geometry"]["box_xyxy"] == pytest.approx([420, 120, 521, 221], abs=3)
    report = owner.ask("GET", f"/projects/{bench.project_id}/assistance")["sources"]
    assert {row["source"]: row["accepted"] for row in report} == {"assist:scissors": 1, "assist:fit": 1}


def test_a_suggestion_that_waits_is_not_dropped_by_a_submit(bench: Bench) -> None:
    by_wand(bench)
    waits(bench)
    name = bench.item()
    bench.page.keyboard.press("Control+Enter")
    expect(bench.page.get_by_text("A suggestion waits")).to_be_visible()
    assert bench.item() == name
    bench.page.keyboard.press("Escape")
    bench.submit()


def add_for_clicks(owner: Person, folder: Path, *, name: str) -> None:
    """Add a small click-segmentation model with the form."""
    encoder, decoder = small_models.pair(folder)
    page = owner.page
    owner.open("/models")
    page.get_by_role("button", name="Add for clicks").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Model", exact=True).fill(name)
    form.get_by_label("Encoder").set_input_files(encoder)
    form.get_by_label("Decoder").set_input_files(decoder)
    form.get_by_label("Pixels go in").select_option("unit")
    form.get_by_role("button", name="Check and add").click()
    expect(page.get_by_role("rowheader", name=name)).to_be_visible()


def test_a_model_for_clicks_is_added_and_answers(owner: Person, bench: Bench, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    take(bench, "Click segmentation")
    expect(bench.page.get_by_text("no click-segmentation model yet").first).to_be_visible()
    page = owner.page
    add_for_clicks(owner, tmp_path, name="segmenter")
    bench.open()
    take(bench, "Click segmentation")
    expect(page.get_by_text("segmenter 1")).to_be_visible()
    click(bench, *CENTRE)
    waits(bench)
    page.get_by_role("button", name="Accept").click()
    expect(bench.objects).to_have_count(1)
    (annotation,) = handed_in(owner, bench)
    assert annotation["origin"].startswith("model:mdv_")
    assert iou_with_disc(annotation["geometry"]) > 0.85  # the model sees the picture at 64 x 38
    owner.open(f"/projects/{bench.project_id}?tab=quality")
    expect(page.get_by_role("table", name="Assistants")).to_contain_text("segmenter 1")


def test_the_lead_chooses_which_model_answers_clicks(owner: Person, bench: Bench, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    for name in ("careful", "hasty"):
        add_for_clicks(owner, tmp_path, name=name)
    page = owner.page
    owner.open(f"/projects/{bench.project_id}?tab=workflow")
    choice = page.get_by_label("Finds the outline of what is clicked")
    expect(choice).to_have_value("")
    choice.select_option("careful, version 1")
    page.get_by_role("button", name="Save the choice").click()
    expect(page.get_by_role("button", name="Save the choice")).to_be_disabled()
    page.reload()
    expect(choice.locator("option:checked")).to_have_text("careful, version 1")
    bench.open()
    take(bench, "Click segmentation")
    expect(page.get_by_label("Model").locator("option:checked")).to_have_text("careful 1")
