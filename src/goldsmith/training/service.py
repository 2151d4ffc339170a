"""What people do with models: train them, keep them, put them to work as pre-labellers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from goldsmith.accounts.api import Access, audit, emit
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.core.geometry import Box
from goldsmith.core.ontology import Ontology
from goldsmith.datasets.api import DatasetsService, VersionView
from goldsmith.items.api import records_by_id
from goldsmith.labeling.api import LabelingService, NewPrediction
from goldsmith.platform.database import Transaction
from goldsmith.platform.edges import Edge, add_edges
from goldsmith.platform.jobs import JobContext
from goldsmith.platform.machine import Machine
from goldsmith.training import store
from goldsmith.training.inference import Found, Picture, detect_all, to_labelling
from goldsmith.training.policy import match_classes, require_images
from goldsmith.training.process import run_trainer
from goldsmith.training.recipes import recipe_hash
from goldsmith.training.types import CurveView, ModelVersionView, NewPrelabels, NewRun, RunView, StartedRun

RUN_JOB: Final = "training.run"
PRELABEL_JOB: Final = "training.prelabel"
_CHUNK_TASKS: Final = 64


class TrainingService:
    """Runs and the registry of models.

    Args:
        machine: What the service runs on.
        datasets: What is learnt from.
        labeling: Takes predictions as pre-labels.
    """

    def __init__(self, machine: Machine, datasets: DatasetsService, labeling: LabelingService) -> None:
        self.machine = machine
        self.datasets = datasets
        self.labeling = labeling

    # --- runs

    def start_run(self, tx: Transaction, access: Access, *, body: NewRun) -> StartedRun:
        """Record a run and queue its job.

        Raises:
            NotFoundError: The dataset version is not of this workspace.
            InvalidInputError: It has no split to learn from, or holds texts or documents.
        """
        version = self._version_of(tx, access, body.dataset_version_id)
        splits = version.card.get("splits", {})
        if not isinstance(splits, dict) or "train" not in splits:
            raise InvalidInputError("the dataset version has no split named 'train'; cut one that has")
        require_images(version.card, what_for="training")
        now_ms = self.machine.clock.now_ms()
        run_id = self.machine.ids.new("run")
        job_id = self.machine.jobs.enqueue(
            tx,
            RUN_JOB,
            workspace_id=access.workspace_id,
            args={"run_id": run_id},
            subject=run_id,
            created_by=access.member_id,
        )
        row = {
            "run_id": run_id,
            "workspace_id": access.workspace_id,
            "model_id": self.ensure_model(tx, workspace_id=access.workspace_id, name=body.model_name),
            "recipe": body.recipe.model_dump_json(),
            "recipe_hash": recipe_hash(body.recipe),
            "dataset_version_id": body.dataset_version_id,
            "seed": body.seed,
            "job_id": job_id,
            "state": "queued",
            "created_by": access.member_id,
            "created_ms": now_ms,
        }
        store.insert_run(tx, row=row)
        edge = Edge("dataset_version", body.dataset_version_id, "run", run_id, "learnt from")
        add_edges(tx, workspace_id=access.workspace_id, at_ms=now_ms, edges=[edge])
        audit(tx, access=access, action="run.started", target=run_id, at_ms=now_ms)
        return StartedRun(run_id=run_id, job_id=job_id)

    def get_run(self, tx: Transaction, run_id: str) -> RunView:
        """Return a run, or raise ``NotFoundError``."""
        found = store.find_run(tx, run_id)
        if found is None:
            raise NotFoundError("there is no such run")
        return self.machine.jobs.stand_of(tx, found)

    def list_runs(self, tx: Transaction, access: Access, *, before: str, limit: int) -> list[RunView]:
        """Return the runs of the workspace, newest first."""
        runs = store.list_runs(tx, workspace_id=access.workspace_id, before=before, limit=limit)
        return [self.machine.jobs.stand_of(tx, run) for run in runs]

    def run(self, context: JobContext) -> dict[str, Any]:
        """Train: the handler of a run's job. Resumes from its last checkpoint."""
        run_id = context.args["run_id"]
        read, write = self.machine.database.read_sync, self.machine.database.write_sync
        view = read(lambda tx: self.get_run(tx, run_id))
        version = read(lambda tx: self.datasets.get_version(tx, view.dataset_version_id))
        write(lambda tx: store.update_run(tx, run_id, values={"state": "running"}))
        folder = context.scratch_dir
        context.progress(0, view.recipe.total_steps, "reading the dataset version")
        self.datasets.write_folder(version, folder, progress=context.progress)
        curves: list[CurveView] = []

        def on_progress(message: dict[str, Any]) -> None:
            curves.append(_curve(message))
            context.progress(message["step"], message["steps"], _progress_text(message))
            if message["validation_ap50"] is not None:
                points = json.dumps([point.model_dump() for point in _one_an_epoch(curves)])
                write(lambda tx: store.update_run(tx, run_id, values={"curves": points}))

        spec = {"recipe": view.recipe.model_dump(mode="json"), "seed": view.seed}
        result = run_trainer(folder, spec=spec, on_progress=on_progress, should_stop=context.should_stop)
        weights_sha256 = self.machine.blobs.put_file(folder / result["onnx"]).sha256
        version_id = context.step_in_transaction(
            "register", lambda tx: self._register(tx, view, version, result, weights_sha256)
        )
        return {"run_id": run_id, "model_version_id": version_id}

    def on_run_ended(self, tx: Transaction, *, run_id: str, state: str) -> None:
        """Follow a job that failed or was cancelled."""
        now_ms = self.machine.clock.now_ms()
        store.update_run(tx, run_id, values={"state": state, "finished_ms": now_ms})

    # --- the registry

    def ensure_model(self, tx: Transaction, *, workspace_id: str, name: str) -> str:
        """Return the id of the line of that name, made when it is new."""
        found = store.find_model_id(tx, workspace_id=workspace_id, name=name)
        if found is not None:
            return found
        model_id = self.machine.ids.new("mdl")
        row = {
            "model_id": model_id,
            "workspace_id": workspace_id,
            "name": name,
            "created_ms": self.machine.clock.now_ms(),
        }
        store.insert_model(tx, row=row)
        return model_id

    def get_model_version(self, tx: Transaction, model_version_id: str) -> ModelVersionView:
        """Return a version, or raise ``NotFoundError``."""
        found = store.find_model_version(tx, model_version_id)
        if found is None:
            raise NotFoundError("there is no such model version")
        return found

    def import_model_version(
        self, tx: Transaction, access: Access, *, name: str, classes: Sequence[str], card: dict[str, Any]
    ) -> ModelVersionView:
        """Register a model that predicted elsewhere; its predictions come with an evaluation."""
        version_id = self.machine.ids.new("mdv")
        row = {
            "model_version_id": version_id,
            "model_id": self.ensure_model(tx, workspace_id=access.workspace_id, name=name),
            "source": "imported",
            "run_id": None,
            "format": "predictions",
            "weights_sha256": None,
            "classes": json.dumps(list(classes)),
            "card": json.dumps(card),
            "created_ms": self.machine.clock.now_ms(),
        }
        store.insert_model_version(tx, row=row)
        return self.get_model_version(tx, version_id)

    def read_weights(self, version: ModelVersionView) -> bytes:
        """Return the ONNX file of a version.

        Raises:
            ConflictError: It is no detector that can be run here.
        """
        require_detector(version)
        assert version.weights_sha256 is not None, "a detector has weights"
        return self.machine.blobs.get(version.weights_sha256)

    def classes_in(
        self, version: ModelVersionView, ontology: Ontology, *, geometry_kind: str | None = None
    ) -> list[str | None]:
        """Return what a version's outputs are called in an ontology; see ``match_classes``."""
        learnt_with = Ontology()
        run_id = version.run_id
        if run_id is not None:
            read = self.machine.database.read_sync
            run = read(lambda tx: self.get_run(tx, run_id))
            learnt_from = read(lambda tx: self.datasets.get_version(tx, run.dataset_version_id))
            learnt_with = self.datasets.read_manifest(learnt_from).ontology
        return match_classes(
            version.classes, learnt_with=learnt_with, wanted=ontology, geometry_kind=geometry_kind
        )

    def detect(
        self, version: ModelVersionView, media: Iterable[tuple[str, str]], *, score_threshold: float
    ) -> Iterator[Found]:
        """Yield what a version finds on pictures, in their order.

        Args:
            version: The model.
            media: Item id, which the findings are keyed by, and sha256 of each picture. The bytes outlive a deleted
                item, so that what was measured once can be measured again.
            score_threshold: Lowest score kept, in [0, 1].
        """
        pictures = (Picture(item_id, self.machine.blobs.get(sha256)) for item_id, sha256 in media)
        return detect_all(
            self.machine.engine, self.read_weights(version), pictures, score_threshold=score_threshold
        )

    # --- pre-labels

    def request_prelabels(
        self, tx: Transaction, access: Access, *, project_id: str, body: NewPrelabels
    ) -> str:
        """Queue the job that pre-labels a project's open tasks; returns its id."""
        version = self.get_model_version(tx, body.model_version_id)
        if version.workspace_id != access.workspace_id:
            raise NotFoundError("there is no such model version here")
        require_detector(version)
        return self.machine.jobs.enqueue(
            tx,
            PRELABEL_JOB,
            workspace_id=access.workspace_id,
            args={"project_id": project_id, **body.model_dump()},
            subject=project_id,
            created_by=access.member_id,
        )

    def prelabel(self, context: JobContext) -> dict[str, Any]:
        """Pre-label: the handler of the job. A chunk that was stored is not done again."""
        project_id, threshold = context.args["project_id"], float(context.args["score_threshold"])
        read = self.machine.database.read_sync
        version = read(lambda tx: self.get_model_version(tx, context.args["model_version_id"]))
        ontology = read(lambda tx: self.datasets.projects.get_ontology(tx, project_id))
        classes = self.classes_in(version, ontology, geometry_kind=Box.model_fields["kind"].default)
        if not any(classes):
            raise InvalidInputError(
                "the project's ontology has no class of the model that may be drawn as a box; add one of the same name"
            )
        tasks = context.step(
            "tasks",
            lambda: read(lambda tx: [list(pair) for pair in self.labeling.open_tasks(tx, project_id)]),
        )
        stored = 0
        for start in range(0, len(tasks), _CHUNK_TASKS):
            chunk = tasks[start : start + _CHUNK_TASKS]
            stored += self._prelabel_chunk(
                context, project_id, version, chunk, classes=classes, threshold=threshold
            )
            context.progress(start + len(chunk), len(tasks), "pre-labelling")
        return {"tasks": len(tasks), "stored": stored}

    def _prelabel_chunk(
        self,
        context: JobContext,
        project_id: str,
        version: ModelVersionView,
        chunk: Sequence[Sequence[str]],
        *,
        classes: Sequence[str | None],
        threshold: float,
    ) -> int:
        task_of = {item_id: task_id for task_id, item_id in chunk}
        found_records = self.machine.database.read_sync(lambda tx: records_by_id(tx, list(task_of)))
        records = {key: record for key, record in found_records.items() if record.kind == "image"}
        media = [(record.item_id, record.sha256) for record in records.values()]
        entries = [
            NewPrediction(
                task_of[found.key],
                to_labelling(
                    found,
                    classes=classes,
                    width_px=records[found.key].width_px,
                    height_px=records[found.key].height_px,
                ),
            )
            for found in self.detect(version, media, score_threshold=threshold)
        ]

        def write(tx: Transaction) -> int:
            self.labeling.store_predictions(
                tx, project_id=project_id, model_version_id=version.model_version_id, entries=entries
            )
            return len(entries)

        return context.step_in_transaction(f"store:{chunk[0][0]}", write)

    def _register(
        self, tx: Transaction, run: RunView, version: VersionView, result: dict[str, Any], weights_sha256: str
    ) -> str:
        now_ms = self.machine.clock.now_ms()
        version_id = self.machine.ids.new("mdv")
        card = {
            "validation_ap50": result["validation_ap50"],
            "weights_hash": result["weights_sha256"],
            "recipe_hash": run.recipe_hash,
            "seed": run.seed,
            "dataset": {"version_id": version.dataset_version_id, "content_hash": version.content_hash},
            "environment": result["environment"],
        }
        row = {
            "model_version_id": version_id,
            "model_id": run.model_id,
            "source": "trained",
            "run_id": run.run_id,
            "format": "onnx",
            "weights_sha256": weights_sha256,
            "classes": json.dumps(result["classes"]),
            "card": json.dumps(card),
            "created_ms": now_ms,
        }
        number = store.insert_model_version(tx, row=row)
        values = {
            "state": "done",
            "finished_ms": now_ms,
            "curves": json.dumps(result["curves"]),
            "environment": json.dumps(result["environment"]),
        }
        store.update_run(tx, run.run_id, values=values)
        edge = Edge("run", run.run_id, "model_version", version_id, "made")
        add_edges(tx, workspace_id=run.workspace_id, at_ms=now_ms, edges=[edge])
        emit(
            tx,
            machine=self.machine,
            workspace_id=run.workspace_id,
            event="model_version.created",
            body={"model_version_id": version_id, "model": run.model_name, "number": number},
        )
        return version_id

    def _version_of(self, tx: Transaction, access: Access, dataset_version_id: str) -> VersionView:
        version = self.datasets.get_version(tx, dataset_version_id)
        if version.workspace_id != access.workspace_id:
            raise NotFoundError("there is no such dataset version here")
        return version


def _curve(message: dict[str, Any]) -> CurveView:
    return CurveView(
        epoch=message["epoch"],
        step=message["step"],
        losses=message["losses"],
        learning_rate=message["learning_rate"],
        validation_ap50=message["validation_ap50"],
    )


def _one_an_epoch(curves: Sequence[CurveView]) -> list[CurveView]:
    last = {point.epoch: point for point in curves}
    return list(last.values())


def _progress_text(message: dict[str, Any]) -> str:
    text = f"epoch {message['epoch']} of {message['epochs']}, loss {message['losses'].get('total', 0.0):.3f}"
    if message["validation_ap50"] is not None:
        text += f", AP50 {message['validation_ap50']:.3f}"
    return text


def require_detector(version: ModelVersionView) -> None:
    """Refuse what does not look for objects.

    Raises:
        ConflictError: It was imported as predictions, or answers clicks.
    """
    if version.format == "segmenter":
        raise ConflictError("this model answers clicks and looks for no objects; choose a detector")
    if version.weights_sha256 is None:
        raise ConflictError("this model version holds predictions made elsewhere and cannot be run here")
