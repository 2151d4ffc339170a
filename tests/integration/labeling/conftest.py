"""A project with items and people, and a quality that answers at once."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from goldsmith.accounts.api import Access, Role
from goldsmith.accounts.tables import members, workspaces
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.items.api import NewTask
from goldsmith.items.tables import items
from goldsmith.labeling.service import LabelingService
from goldsmith.labeling.service.foundation import TryAgainError
from goldsmith.labeling.types import ConsensusOutcome, Decision, Stage, SubmitBody, Verdict
from goldsmith.platform.database import Sql, Transaction
from goldsmith.platform.machine import Machine, open_machine
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import Batch, ProjectsService, Workflow

WORKSPACE = "wsp_test"
ONTOLOGY = Ontology(
    classes=[
        LabelClass(class_id="car", name="Car", geometry_kinds=["box"]),
        LabelClass(class_id="person", name="Person", geometry_kinds=["box", "polygon"]),
    ]
)
_INSERT_CONSENSUS = Sql(
    "INSERT INTO consensus (task_id, version, project_id, labelling, ontology_version, support, submission_ids, "
    "method, model, created_ms) "
    "VALUES (:task_id, :version, :project_id, :labelling, 1, '{}', :submission_ids, :method, '{}', 0)"
)
_NEWEST = Sql("SELECT coalesce(max(version), 0) AS newest FROM consensus WHERE task_id = :task_id")


def labelling(*boxes: tuple[float, float, float, float], class_id: str = "car") -> Labelling:
    return Labelling(
        annotations=[
            Annotation(annotation_id=f"a{number}", class_id=class_id, geometry=Box(box_xyxy=box))
            for number, box in enumerate(boxes or [(1.0, 2.0, 30.0, 40.0)])
        ]
    )


class PlainQuality:
    """Stands for quality: keeps what it hears; a decision becomes the consensus as it is."""

    def __init__(self) -> None:
        self.all_in: list[str] = []

    def on_all_in(
        self, tx: Transaction, *, workspace_id: str, project_id: str, task_id: str, is_urgent: bool
    ) -> None:
        tx.after_commit(lambda: self.all_in.append(task_id))

    def on_reviewed(
        self, tx: Transaction, *, workspace_id: str, project_id: str, task_id: str, verdict: Verdict
    ) -> None:
        pass

    def on_decided(
        self, tx: Transaction, *, project_id: str, decisions: Sequence[Decision]
    ) -> list[ConsensusOutcome]:
        return [self.store(tx, project_id, decision) for decision in decisions]

    def store(self, tx: Transaction, project_id: str, decision: Decision) -> ConsensusOutcome:
        version = tx.scalar(_NEWEST, {"task_id": decision.task_id}) + 1
        tx.run(
            _INSERT_CONSENSUS,
            {
                "task_id": decision.task_id,
                "version": version,
                "project_id": project_id,
                "labelling": decision.labelling,
                "submission_ids": json.dumps([decision.submission_id]),
                "method": decision.method,
            },
        )
        count = len(json.loads(decision.labelling)["annotations"])
        return ConsensusOutcome(decision.task_id, version, count, 1.0 if count else None)


class House:
    """A workspace with one project, and short ways to do what tests do."""

    def __init__(self, machine: Machine, clock: ManualClock) -> None:
        self.machine = machine
        self.clock = clock
        self.quality = PlainQuality()
        self.projects = ProjectsService(machine)
        self.labeling = LabelingService(machine, self.projects, rng=random.Random(11))
        self.labeling.use_quality(self.quality)
        self.projects.wire(usage=self.labeling, work=self.labeling)  # type: ignore[arg-type]
        self.manager = Access(WORKSPACE, "mem_manager", None, "manager", Role.MANAGER, None)
        self.write(self._make_workspace)
        self.project_id = ""
        self.batch_id = ""
        self._items = 0

    def write(self, operation: Any) -> Any:
        return self.machine.database.write_sync(operation)

    def read(self, text: str, **params: Any) -> list[dict[str, Any]]:
        return [
            {key: row[key] for key in row.keys()}  # noqa: SIM118  rows are no dictionaries
            for row in self.machine.database.read_sync(lambda tx: tx.all(Sql(text), params))
        ]

    def _make_workspace(self, tx: Transaction) -> None:
        tx.run(sa.insert(workspaces), {"workspace_id": WORKSPACE, "name": "test", "created_ms": 0})
        self._make_member(tx, self.manager)

    @staticmethod
    def _make_member(tx: Transaction, access: Access) -> None:
        row = {
            "member_id": access.member_id,
            "workspace_id": WORKSPACE,
            "name": access.name,
            "kind": "simulated",
            "role": access.role.value,
            "created_ms": 0,
        }
        tx.run(sa.insert(members), row)

    def member(self, name: str, role: Role = Role.ANNOTATOR) -> Access:
        access = Access(WORKSPACE, f"mem_{name}", None, name, role, None)
        self.write(lambda tx: self._make_member(tx, access))
        return access

    def project(self, **workflow: Any) -> str:
        def make(tx: Transaction) -> tuple[str, str]:
            project = self.projects.create_project(
                tx,
                self.manager,
                name=f"project {self.machine.ids.new('prj')}",
                ontology=ONTOLOGY,
                workflow=Workflow.model_validate(workflow),
            )
            batch = self.projects.ensure_batch(
                tx, project_id=project.project_id, created_by=self.manager.member_id
            )
            return project.project_id, batch.batch_id

        self.project_id, self.batch_id = self.write(make)
        return self.project_id

    def make_items(self, tx: Transaction, count: int) -> list[str]:
        item_ids = [self.machine.ids.new("itm") for _ in range(count)]
        rows = [
            {
                "item_id": item_id,
                "workspace_id": WORKSPACE,
                "kind": "image",
                "name": f"{number}.jpg",
                "sha256": "0" * 64,
                "width_px": 100,
                "height_px": 80,
                "created_ms": 0,
            }
            for number, item_id in enumerate(item_ids)
        ]
        tx.many(sa.insert(items), rows)
        return item_ids

    def tasks(self, count: int, **entry: Any) -> list[str]:
        def make(tx: Transaction) -> list[str]:
            entries = [NewTask(item_id, **entry) for item_id in self.make_items(tx, count)]
            return self.labeling.make_tasks(
                tx, project_id=self.project_id, batch_id=self.batch_id, entries=entries
            )

        return list(self.write(make))

    @staticmethod
    def write_batch(tx: Transaction, batch: Batch) -> None:
        change = {"batch_id": batch.batch_id, "state": batch.state.value, "priority": batch.priority}
        tx.run(
            Sql("UPDATE batches SET state = :state, priority = :priority WHERE batch_id = :batch_id"), change
        )

    def pause_project(self) -> None:
        self.write(lambda tx: tx.run(Sql("UPDATE projects SET state = 'paused'")))

    def next(self, access: Access, stage: Stage = Stage.LABEL) -> Any:
        def run(tx: Transaction) -> Any:
            return self.labeling.next_task(tx, access, project_id=self.project_id, stage=stage)

        try:
            return self.write(run)
        except TryAgainError:  # the workflow changed meanwhile
            return self.write(run)

    def body(self, token: int, key: str, labels: Labelling | None = None, **more: Any) -> SubmitBody:
        fields: dict[str, Any] = {"ontology_version": 1, "instructions_version": 1, "active_ms": 1000, **more}
        return SubmitBody(token=token, request_key=key, labelling=labels or labelling(), **fields)

    def submit(self, access: Access, lease: Any, labels: Labelling | None = None, **more: Any) -> Any:
        body = self.body(lease.token, more.pop("key", lease.judgement_id), labels, **more)
        return self.write(
            lambda tx: self.labeling.submit(tx, access, judgement_id=lease.judgement_id, body=body)
        )

    def resolve(self, task_id: str, *, lowest_posterior: float | None = 0.95) -> None:
        """Do what quality's job does: store a consensus version and tell labelling."""

        def run(tx: Transaction) -> None:
            decision = Decision(task_id, "sub_none", labelling().model_dump_json(), "detection")
            outcome = self.quality.store(tx, self.project_id, decision)
            self.labeling.after_consensus(
                tx, project_id=self.project_id, outcomes=[outcome._replace(lowest_posterior=lowest_posterior)]
            )

        self.write(run)

    def state(self, task_id: str) -> str:
        return str(self.task(task_id)["state"])

    def task(self, task_id: str) -> dict[str, Any]:
        return self.read("SELECT * FROM tasks WHERE task_id = :task_id", task_id=task_id)[0]


@pytest.fixture
def house(database_url: str, tmp_path: Path, clock: ManualClock, ids: Ids) -> Iterator[House]:
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url)
    machine = open_machine(settings, clock=clock, ids=ids)
    yield House(machine, clock)
    machine.close()
