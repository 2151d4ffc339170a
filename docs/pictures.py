# ruff: noqa: INP001  a script beside the pages it illustrates, no package
"""Takes the pictures of the pages from the running product.

    python docs/pictures.py FOLDER

FOLDER is what ``goldsmith demo --no-serve --folder FOLDER`` made; a copy of it is served. For the pages of work, a few
streets are added to the copy: pre-labelled ones to label, and one that two simulated people labelled, to review. Needs
Playwright and Chromium, as the tests of the browser do.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from goldsmith.accounts.api import Role
from goldsmith.app import App, open_app
from goldsmith.client import Client
from goldsmith.demo.crowd import HABITS, answer
from goldsmith.demo.run import OWNER_EMAIL, WORKSPACE
from goldsmith.demo.sources import Material, Picture, from_world, write_archive
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import Workflow
from goldsmith.projects.types import ReviewMode, ReviewPolicy
from goldsmith.server.serving import listen, make_config, url_of

IMAGES: Final = Path(__file__).parent / "images"
SIZE: Final[ViewportSize] = {"width": 1280, "height": 720}
MAX_BYTES: Final = 245_000
SEED: Final = 23
STREETS: Final = 40
ARGUMENTS: Final = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_LINK_MS: Final = 600_000


@contextmanager
def served(folder: Path) -> Iterator[tuple[App, str]]:
    """Serve an installation while the body runs."""
    settings = Settings(data_dir=folder, port=0, job_threads=1, log_format="json")
    app = open_app(settings)
    listening = listen(settings.host, 0)
    server = uvicorn.Server(make_config(app.application(), settings))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield app, url_of(listening, settings)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
        app.close()


def add_work(client: Client, url: str, streets: Material, folder: Path) -> tuple[str, str]:
    """Add a project to label in and one to review in; returns their ids."""
    busy = sorted(streets.pool, key=lambda picture: -len(picture.gold.annotations))
    to_label = _project(
        client, "Rush hour", streets, busy[:4], folder, labels_as="prelabels", workflow=Workflow()
    )
    review = Workflow(overlap=2, review=ReviewPolicy(mode=ReviewMode.ALL))
    to_review = _project(client, "Crossings", streets, busy[4:6], folder, labels_as="none", workflow=review)
    truth = {picture.name: picture for picture in busy}
    for habit in (HABITS[1], HABITS[3]):
        member = client.add_member(name=habit.name, kind="simulated", role=Role.ANNOTATOR.value)
        assert member.key is not None
        client.add_to_project(project_id=to_review, member_id=member.member.member_id)
        with Client(url, member.key.secret) as annotator:
            while (task := annotator.next_task(to_review)) is not None:
                picture = truth[task.item.name]
                given = answer(
                    picture.gold,
                    habit=habit,
                    ontology=streets.ontology,
                    name=picture.name,
                    width=picture.width,
                    height=picture.height,
                    seed=SEED,
                )
                annotator.submit(task, given, request_key=task.lease.judgement_id)
    while client.open_jobs():
        time.sleep(0.2)
    return to_label, to_review


def _project(
    client: Client,
    name: str,
    streets: Material,
    pictures: list[Picture],
    folder: Path,
    *,
    labels_as: str,
    workflow: Workflow,
) -> str:
    text = "# Label every object\n\n- Draw **tight** around what can be seen.\n- Mark what is *occluded*."
    project = client.create_project(
        name=name, ontology=streets.ontology, instructions=text, workflow=workflow
    )
    archive = folder / f"{project.project_id}.zip"
    write_archive(pictures, archive, ontology=streets.ontology, with_labels=labels_as != "none")
    job_id = client.import_archive(
        project_id=project.project_id, archive=archive, format_name="jsonl", labels_as=labels_as
    )
    client.wait(job_id)
    return project.project_id


def take(page: Page, name: str) -> None:
    """Take one picture, with as many colours as fit."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    target = IMAGES / f"{name}.png"
    for colours in (256, 192, 128, 96, 64):
        shot.quantize(colours, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size <= MAX_BYTES:
            break
    sys.stdout.write(f"{target.name}: {target.stat().st_size} bytes, {colours} colours\n")


def visit(page: Page, address: str) -> None:
    """Open a page and wait until it has come to rest."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)


def take_all(page: Page, url: str, *, to_label: str, to_review: str, demo: str, evaluation: str) -> None:
    """Take every picture."""
    visit(page, f"{url}/projects/{to_label}/label")
    page.keyboard.press("Tab")
    page.wait_for_timeout(800)
    take(page, "label")
    visit(page, f"{url}/projects/{to_review}/review")
    take(page, "review")
    visit(page, f"{url}/projects/{demo}")
    take(page, "project")
    page.get_by_role("link", name="Quality").or_(page.get_by_role("tab", name="Quality")).first.click()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    take(page, "quality")
    visit(page, f"{url}/evaluations/{evaluation}")
    take(page, "evaluation")


def of_demo(page: Page) -> tuple[str, str]:
    """Return the ids of the demonstration's project and of its newest evaluation."""

    def read(path: str) -> Any:
        return page.evaluate("path => fetch('/api/v1' + path).then(answer => answer.json())", path)

    workspace = read("/auth/me")["memberships"][0]["workspace_id"]
    projects = [row for row in read(f"/workspaces/{workspace}/projects")["items"] if row["name"] == "Streets"]
    project = max(projects, key=lambda row: row["progress"]["items"])
    evaluations = read(f"/workspaces/{workspace}/evaluations")
    rows = evaluations["items"] if isinstance(evaluations, dict) else evaluations
    return project["project_id"], max(row["evaluation_id"] for row in rows)


def main() -> None:
    """Serve a copy and take the pictures."""
    parser = argparse.ArgumentParser(description="Take the pictures of the pages.")
    parser.add_argument("folder", type=Path, help="data folder that goldsmith demo made")
    given = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    streets = from_world(pool=STREETS, test=0, seed=SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(given.folder, folder / "data")
        with served(folder / "data") as (app, url), sync_playwright() as playwright:
            write = app.machine.database.write_sync
            key = write(lambda tx: app.accounts.create_key(tx, WORKSPACE, OWNER_EMAIL, name="pictures"))
            with Client(url, key.secret) as client:
                user = client.me().user
                to_label, to_review = add_work(client, url, streets, folder)
            assert user is not None
            token = write(lambda tx: app.accounts.create_login_link(tx, user.user_id, lasts_ms=_LINK_MS))
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
            page = browser.new_context(viewport=SIZE, color_scheme="dark").new_page()
            visit(page, f"{url}/link#token={token}")
            demo, evaluation = of_demo(page)
            take_all(page, url, to_label=to_label, to_review=to_review, demo=demo, evaluation=evaluation)
            browser.close()


if __name__ == "__main__":
    main()
