"""A whole installation to test against: every step wired, real pictures, simulated people, jobs run in this thread."""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import goldsmith.app
from goldsmith.accounts.api import Access, Role
from goldsmith.app import App
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.datasets.api import SplitPolicy, VersionPolicy, VersionView
from goldsmith.demo.sources import Picture, write_archive
from goldsmith.items.api import ImportPlan
from goldsmith.labeling.types import Stage, SubmitBody
from goldsmith.platform.jobs import JobView
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import Workflow
from tests.integration.server.house import Browser, Loop

ONTOLOGY = Ontology(
    classes=[
        LabelClass(class_id="car", name="Car", geometry_kinds=["box"]),
        LabelClass(class_id="sign", name="Sign", geometry_kinds=["box", "polygon"]),
    ]
)
WIDTH, HEIGHT = 96, 64
COLOURS = {"car": (220, 40, 40), "sign": (40, 60, 220)}


def box(class_id: str, *corners: float, score: float | None = None, name: str = "a") -> Annotation:
    """One object."""
    return Annotation(
        annotation_id=f"{name}-{class_id}-{corners[0]:g}-{corners[1]:g}",
        class_id=class_id,
        geometry=Box(box_xyxy=(corners[0], corners[1], corners[2], corners[3])),
        score=score,
    )


def labelling(*annotations: Annotation) -> Labelling:
    return Labelling(annotations=list(annotations))


def picture(number: int, *, group: str = "", kind: str = "day") -> Picture:
    """A small picture of noise with one or two coloured objects, and its truth."""
    rng = np.random.default_rng(number)
    coarse = rng.integers(0, 255, (8, 12, 3), dtype=np.uint8)
    pixels = np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT))).copy()
    truth = []
    for index in range(1 + number % 2):
        class_id = "car" if (number + index) % 2 == 0 else "sign"
        left, top = int(rng.integers(2, 40)) + 44 * index, int(rng.integers(2, 30))
        right, bottom = min(left + int(rng.integers(14, 24)), WIDTH - 1), top + int(rng.integers(14, 24))
        pixels[top:bottom, left:right] = COLOURS[class_id]
        truth.append(box(class_id, left, top, right, bottom, name=f"t{number}"))
    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, "PNG")
    return Picture(
        f"{number:03d}.png", sink.getvalue(), WIDTH, HEIGHT, labelling(*truth), {"light": kind}, group
    )


def shaken(gold: Labelling, *, seed: int, miss: float = 0.0) -> Labelling:
    """What a careful person would draw."""
    rng = np.random.default_rng(seed)
    kept = []
    for annotation in gold.annotations:
        if rng.random() < miss:
            continue
        left, top, right, bottom = np.array(annotation.geometry.bounds_xyxy()) + rng.normal(0, 0.4, 4)
        kept.append(
            box(
                annotation.class_id,
                max(float(left), 0.0),
                max(float(top), 0.0),
                min(float(right), WIDTH),
                min(float(bottom), HEIGHT),
                name=f"s{seed}",
            )
        )
    return labelling(*kept)


class Installation:
    """Every step on one database, with an owner, and short ways to do what tests do."""

    def __init__(self, *, database_url: str, folder: Path, clock: ManualClock, ids: Ids) -> None:
        settings = Settings(
            data_dir=folder / "data", database_url=database_url, job_threads=0, engine_workers=1
        )
        self.app: App = goldsmith.app.wire(open_machine(settings, clock=clock, ids=ids))
        self.clock = clock
        self._loop: Loop | None = None
        self._application: Any = None
        made = self.write(
            lambda tx: self.app.accounts.bootstrap_owner(
                tx, email="owner@example.org", name="Olga", password=None, workspace_name="Home"
            )
        )
        self.owner = Access(made.workspace_id, made.member_id, made.user_id, "Olga", Role.OWNER, None)
        self.truth: dict[str, Picture] = {}

    def close(self) -> None:
        if self._loop is not None:
            self._loop.close()
        self.app.close()

    # --- the database and jobs

    def write(self, operation: Callable[[Any], Any]) -> Any:
        return self.app.machine.database.write_sync(operation)

    def read(self, operation: Callable[[Any], Any]) -> Any:
        return self.app.machine.database.read_sync(operation)

    def run_jobs(self) -> None:
        """Run everything that is queued, and what follows from it."""
        self.clock.advance(1_000)
        while self.app.machine.jobs.run_until_idle():
            self.clock.advance(1_000)

    def job(self, job_id: str) -> JobView:
        view: JobView = self.read(lambda tx: self.app.machine.jobs.get(tx, job_id))
        return view

    def finish(self, job_id: str) -> Any:
        """Run jobs, and return this one's result."""
        self.run_jobs()
        view = self.job(job_id)
        assert view.state == "done", view.error
        return view.result

    # --- people

    def member(self, name: str, role: str = "annotator", *, project_id: str | None = None) -> Access:
        added = self.write(
            lambda tx: self.app.accounts.people.add_member(
                tx, self.owner, name=name, kind="simulated", role=Role(role)
            )
        )
        access = Access(
            self.owner.workspace_id, added.member_id, None, name, Role(role), project_id, "simulated"
        )
        if project_id is not None:
            self.write(
                lambda tx: self.app.projects.add_to_projects(
                    tx,
                    project_ids=[project_id],
                    member_id=access.member_id,
                    added_by=self.owner.member_id,
                    at_ms=1,
                )
            )
        return access

    def stranger(self) -> Access:
        """The owner of another workspace."""
        workspace = self.write(
            lambda tx: self.app.accounts.people.add_workspace(tx, user_id=self.owner.user_id, name="Other")
        )
        rows = self.read(
            lambda tx: self.app.accounts.people.list_members(
                tx,
                Access(workspace.workspace_id, "", None, "", Role.OWNER, None),
                after="",
                limit=10,
            )
        ).items
        return Access(workspace.workspace_id, rows[0].member_id, self.owner.user_id, "Olga", Role.OWNER, None)

    def browser(self, access: Access | None = None) -> Browser:
        """An HTTP client with a key of this member."""
        if self._loop is None:
            self._loop = Loop()
            self._application = self.app.application(runs_jobs=False)
        who = access or self.owner
        made = self.write(
            lambda tx: self.app.accounts.keys.issue(
                tx, workspace_id=who.workspace_id, member_id=who.member_id, name="test"
            )
        )
        client = Browser(self._loop, self._application)
        client.headers["Authorization"] = f"Bearer {made.secret}"
        return client

    # --- work

    def project(
        self,
        name: str = "Streets",
        *,
        ontology: Ontology = ONTOLOGY,
        access: Access | None = None,
        **flow: Any,
    ) -> str:
        made = self.write(
            lambda tx: self.app.projects.create_project(
                tx,
                access or self.owner,
                name=name,
                ontology=ontology,
                workflow=Workflow.model_validate(flow),
            )
        )
        return str(made.project_id)

    def import_pictures(
        self, project_id: str, pictures: Sequence[Picture], *, labels_as: str = "none", batch: str = "first"
    ) -> dict[str, str]:
        """Import through the real job; returns the item of each picture's name."""
        self.truth |= {entry.name: entry for entry in pictures}
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "pictures.zip"
            write_archive(pictures, archive, ontology=ONTOLOGY, with_labels=labels_as != "none")
            put = self.app.machine.blobs.put_file(archive)
        files = [{"name": "pictures.zip", "sha256": put.sha256, "size_bytes": put.size_bytes}]
        plan = ImportPlan.model_validate(
            {
                "source": {"kind": "upload", "files": files},
                "format": "jsonl",
                "labels_as": labels_as,
                "batch": batch,
            }
        )
        job_id = self.write(lambda tx: self.app.items.request_import(tx, self.owner, project_id, plan))
        result = self.finish(job_id)
        assert result["imported"] == len(pictures), result
        return self.items_of(project_id)

    def items_of(self, project_id: str) -> dict[str, str]:
        page = self.browser().get(f"/api/v1/projects/{project_id}/items", params={"limit": 200}).json()
        return {row["name"]: row["item_id"] for row in page["items"]}

    def tasks_of(self, project_id: str) -> dict[str, str]:
        page = self.browser().get(f"/api/v1/projects/{project_id}/items", params={"limit": 200}).json()
        return {row["name"]: row["task_id"] for row in page["items"]}

    def states(self, project_id: str) -> dict[str, str]:
        page = self.browser().get(f"/api/v1/projects/{project_id}/items", params={"limit": 200}).json()
        return {row["name"]: row["state"] for row in page["items"]}

    def label(
        self, project_id: str, access: Access, answer: Callable[[str], Labelling], *, most: int = 1_000
    ) -> int:
        """Let somebody work until nothing is left; returns how many tasks that were."""
        for count in range(most):
            if not self._label_one(project_id, access, answer):
                return count
        return most

    def _label_one(self, project_id: str, access: Access, answer: Callable[[str], Labelling]) -> bool:
        labeling = self.app.labeling
        task = self.write(lambda tx: labeling.next_task(tx, access, project_id=project_id, stage=Stage.LABEL))
        if task is None:
            return False
        wire = task.to_wire()
        body = SubmitBody(
            token=task.token,
            request_key=task.judgement_id,
            labelling=answer(wire["item"]["name"]),
            active_ms=1_000,
            ontology_version=wire["ontology_version"],
            instructions_version=wire["instructions_version"],
        )
        self.write(lambda tx: labeling.submit(tx, access, judgement_id=task.judgement_id, body=body))
        return True

    def label_all(self, project_id: str, *, people: int = 3, seed: int = 0) -> list[Access]:
        """Let careful people label everything, and resolve it."""
        crew = [self.member(f"P{seed}{n}", project_id=project_id) for n in range(people)]
        for number, access in enumerate(crew):
            self.label(
                project_id,
                access,
                lambda name, n=number: shaken(self.truth[name].gold, seed=1000 * (n + seed) + int(name[:3])),
            )
        self.run_jobs()
        return crew

    def cut(self, name: str, project_ids: Sequence[str], **policy: Any) -> VersionView:
        """Cut a version of the dataset of that name."""
        dataset = self.write(lambda tx: self.app.datasets.ensure_dataset(tx, self.owner, name=name))
        wanted = VersionPolicy.model_validate({"project_ids": list(project_ids), **policy})
        job_id = self.write(
            lambda tx: self.app.datasets.request_version(
                tx, self.owner, dataset_id=dataset.dataset_id, policy=wanted
            )
        )
        version_id = self.finish(job_id)["dataset_version_id"]
        version: VersionView = self.read(lambda tx: self.app.datasets.get_version(tx, version_id))
        return version

    def test_set(self, pictures: Sequence[Picture], *, name: str = "test") -> tuple[str, VersionView]:
        """A project of gold pictures and a version of it in the split test."""
        project_id = self.project(f"held out {name}")
        self.import_pictures(project_id, pictures, labels_as="gold")
        split = SplitPolicy(mode="fixed", fixed_split="test", duplicate_distance=0)
        return project_id, self.cut(name, [project_id], split=split.model_dump())


@pytest.fixture
def installation(database_url: str, tmp_path: Path, clock: ManualClock, ids: Ids) -> Iterator[Installation]:
    """A whole installation on each kind of database."""
    made = Installation(database_url=database_url, folder=tmp_path, clock=clock, ids=ids)
    yield made
    made.close()


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path, clock: ManualClock) -> Iterator[Installation]:
    """A whole installation on SQLite, for what does not depend on the database."""
    made = Installation(
        database_url=sqlite_url, folder=tmp_path, clock=clock, ids=Ids(clock, random.Random(3))
    )
    yield made
    made.close()
