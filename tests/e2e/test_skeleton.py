"""The skeleton of a class: a preset changed by keyboard alone, saved, and drawn with."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.archives import Archives
from tests.e2e.bench import Bench
from tests.e2e.foreign import check_coco
from tests.e2e.hand import submitted
from tests.e2e.person import Person


def test_a_skeleton_from_a_preset_by_keyboard(owner: Person, streets: list[Path]) -> None:
    project_id = owner.make_project(name="Hands", classes="Car, box", overlap=1, review="none")
    owner.import_pictures(project_id, streets[:1])
    owner.open(f"/projects/{project_id}?tab=ontology")
    page, keyboard = owner.page, owner.page.keyboard
    page.get_by_role("checkbox", name="Skeleton").check()
    page.get_by_role("button", name="Hand (21 nodes)").click()
    drawing = page.get_by_role("group", name="Skeleton: 21 nodes, 20 edges")
    expect(drawing).to_be_visible()
    page.get_by_role("button", name="2. Thumb 1", exact=True).focus()
    keyboard.press("Space")
    page.get_by_role("button", name="6. Index finger 1", exact=True).focus()
    keyboard.press("Space")
    expect(page.get_by_role("group", name="Skeleton: 21 nodes, 21 edges")).to_be_visible()
    page.get_by_role("button", name="1. Wrist", exact=True).focus()
    keyboard.press("Shift+ArrowUp")
    page.get_by_label("Name of node 1", exact=True).fill("Root")
    page.get_by_role("button", name="Check and save…").click()
    page.get_by_role("button", name="Save as version 2").click()
    expect(page.get_by_text("Version 2")).to_be_visible()

    [car] = owner.ask("GET", f"/projects/{project_id}/ontology")["ontology"]["classes"]
    assert car["geometry_kinds"] == ["box", "skeleton"]
    assert ["thumb_1", "index_finger_1"] in car["skeleton"]["edges"]
    assert car["skeleton"]["nodes"][0] == {"node_id": "root", "name": "Root", "at": [0.5, 0.95]}

    bench = Bench(owner, project_id)
    bench.open()
    keyboard.press("f")
    keyboard.press("Alt+k")
    page.mouse.move(*bench.at(200, 200))
    page.mouse.down()
    page.mouse.up()
    keyboard.press("Enter")
    expect(bench.objects).to_have_count(1)
    nodes = page.get_by_role("list", name="Nodes of the skeleton").get_by_role("listitem")
    expect(nodes).to_have_count(21)
    expect(page.get_by_label("Root is", exact=True)).to_have_value("visible")
    page.get_by_label("Thumb 1 is", exact=True).select_option("occluded")
    expect(page.get_by_text("2 of 21 in the picture")).to_be_visible()
    item = bench.item()
    keyboard.press("Control+z")
    expect(page.get_by_text("1 of 21 in the picture")).to_be_visible()
    bench.expect_draft_kept()
    page.reload()
    bench.wait_for_task()
    keyboard.press("Control+y")
    bench.submit()
    bench.expect_delivered()

    [annotation] = submitted(owner, project_id, item)
    states = {node["node_id"]: node["state"] for node in annotation["geometry"]["nodes"]}
    assert list(states) == [node["node_id"] for node in car["skeleton"]["nodes"]]
    assert {node_id: state for node_id, state in states.items() if state != "outside"} == {
        "root": "visible",
        "thumb_1": "occluded",
    }
    owner.wait_for_jobs()
    document = json.loads(Archives(owner).streamed(project_id, "coco"))
    check_coco(document, item, annotation)
    [category] = document["categories"]
    names = category["keypoints"]
    assert [names[1], names[5]] in [[names[a - 1], names[b - 1]] for a, b in category["skeleton"]]
