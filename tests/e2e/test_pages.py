"""Every page opens without a complaint of the browser, and every control on it has a name for screen readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, expect

from tests.e2e.bench import Bench, Drawn
from tests.e2e.person import Person

PROJECT_TABS: Final = (
    "overview",
    "items",
    "quality",
    "batches",
    "import",
    "ontology",
    "instructions",
    "workflow",
    "people",
    "export",
)
SETTINGS_TABS: Final = ("profile", "workspace", "people", "keys", "webhooks", "callbacks", "audit")
CONTROLS: Final = frozenset(
    {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "spinbutton", "slider", "tab"}
)


def unnamed_controls(page: Page) -> list[str]:
    """Controls that assistive technology cannot name, from the browser's own accessibility tree."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        _role(node) for node in nodes if not node["ignored"] and _role(node) in CONTROLS and not _name(node)
    ]


def _role(node: Any) -> str:
    return str(node.get("role", {}).get("value", ""))


def _name(node: Any) -> str:
    return str(node.get("name", {}).get("value", "")).strip()


def look_at(person: Person, path: str) -> list[str]:
    person.open(path)
    person.page.wait_for_load_state("networkidle")
    expect(person.page.get_by_role("heading").first).to_be_attached()
    return [f"{path}: {role}" for role in unnamed_controls(person.page)]


def test_every_page_opens_and_names_its_controls(owner: Person, streets: list[Path]) -> None:
    project_id = owner.make_project(name="Pages", classes="Car box", overlap=1, review="all")
    owner.import_by_form(project_id, streets[:2])
    bench = Bench(owner, project_id)
    bench.open()
    bench.draw(Drawn("1", (60, 190, 180, 300)))
    bench.submit()
    bench.expect_delivered()
    project = f"/projects/{project_id}"
    paths = ["/", "/datasets", "/models", "/evaluations", "/jobs", f"{project}/label", f"{project}/review"]
    paths += [f"{project}?tab={tab}" for tab in PROJECT_TABS]
    (task_id,) = [entry["task_id"] for entry in owner.ask("GET", "/workspaces/{w}/work")["items"]]
    paths += ["/work", f"/work/{task_id}", f"/work/{task_id}/revise"]
    paths += [f"/settings?tab={tab}" for tab in SETTINGS_TABS]
    assert [fault for path in paths for fault in look_at(owner, path)] == []


def test_the_watch_sees_what_must_not_happen(owner: Person) -> None:
    """A request to elsewhere is refused by the page's policy and noticed; so is a script put into the page."""
    owner.page.evaluate("fetch('http://192.0.2.1/').catch(() => null)")
    owner.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=/x onerror=\"1\">')")
    owner.page.wait_for_timeout(500)
    assert any("192.0.2.1" in fault for fault in owner.faults), owner.faults
    assert any("script-src" in fault for fault in owner.faults), owner.faults
    owner.faults.clear()


def test_an_unnamed_control_is_found(owner: Person) -> None:
    assert unnamed_controls(owner.page) == []
    owner.page.evaluate("document.body.append(document.createElement('button'))")
    assert unnamed_controls(owner.page) == ["button"]
