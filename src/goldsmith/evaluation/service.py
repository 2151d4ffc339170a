"""What people do with evaluations: measure, compare, look at failures, and send them back to labelling."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import msgspec
import numpy as np

from goldsmith.accounts.api import Access, audit, emit
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.datasets.api import DatasetsService, Entry, VersionView
from goldsmith.evaluation import predictions, store, suspicion_store
from goldsmith.evaluation.gain import Candidate, Ranked, rank_by_gain
from goldsmith.evaluation.measure import Columns, columns, compare, measure
from goldsmith.evaluation.relabelling import Relabelling
from goldsmith.evaluation.slicing import is_in_slice
from goldsmith.evaluation.types import (
    Comparison,
    EvaluationView,
    ImportedEvaluation,
    NewEvaluation,
    PredictionRecord,
    SendBody,
    StartedEvaluation,
)
from goldsmith.items.api import records_by_id
from goldsmith.labeling.api import LabelingService
from goldsmith.platform.database import Transaction
from goldsmith.platform.edges import Edge, add_edges
from goldsmith.platform.jobs import JobContext
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import ProjectsService
from goldsmith.training.api import ModelVersionView, TrainingService, require_images

EVALUATE_JOB: Final = "evaluation.measure"
SEND_JOB: Final = "evaluation.send"
_LOWEST_SCORE: Final = 0.01
_LOWEST_SCORE_FOR_GAIN: Final = 0.02
_CHUNK_ITEMS: Final = 64


class EvaluationService:
    """Evaluations and what follows from them.

    Args:
        machine: What the service runs on.
        datasets: What is measured on.
        training: What is measured.
        labeling: Takes what is to be labelled next.
        projects: Makes the batch for it.
    """

    def __init__(
        self,
        machine: Machine,
        datasets: DatasetsService,
        training: TrainingService,
        labeling: LabelingService,
        projects: ProjectsService,
    ) -> None:
        self.machine = machine
        self.datasets = datasets
        self.training = training
        self.labeling = labeling
        self.projects = projects
        self.relabelling = Relabelling(machine, datasets, training, labeling, projects)

    # --- measuring

    def start(self, tx: Transaction, access: Access, *, body: NewEvaluation) -> StartedEvaluation:
        """Record an evaluation and queue its job.

        Raises:
            NotFoundError: The model or dataset version is not of this workspace.
            InvalidInputError: The dataset version has no such split, or holds texts or documents.
            ConflictError: The model version cannot be run here.
        """
        model = self.training.get_model_version(tx, body.model_version_id)
        if model.workspace_id != access.workspace_id:
            raise NotFoundError("there is no such model version here")
        if model.format == "segmenter":
            raise ConflictError("this model answers clicks and looks for no objects; choose a detector")
        if model.weights_sha256 is None:
            raise ConflictError(
                "this model version holds predictions made elsewhere; import them on this dataset"
            )
        version = self._require_split(tx, access, body.dataset_version_id, body.split)
        require_images(version.card, what_for="a detector")
        return self._record(tx, access, body=body, predictions_sha256=None)

    def start_import(
        self,
        tx: Transaction,
        access: Access,
        *,
        body: ImportedEvaluation,
        predictions_sha256: str,
        classes: list[str],
    ) -> StartedEvaluation:
        """Record an evaluation of predictions made elsewhere; they are in the blob store already."""
        self._require_split(tx, access, body.dataset_version_id, body.split)
        model = self.training.import_model_version(tx, access, name=body.name, classes=classes, card={})
        planned = NewEvaluation(
            model_version_id=model.model_version_id,
            dataset_version_id=body.dataset_version_id,
            split=body.split,
        )
        return self._record(tx, access, body=planned, predictions_sha256=predictions_sha256)

    def import_results(self, access: Access, data: bytes) -> StartedEvaluation:
        """Take in predictions made elsewhere and queue their measurement; reads and writes by itself.

        Args:
            access: Who does it.
            data: JSON of an ``ImportedEvaluation``.

        Raises:
            InvalidInputError: It is no such document, or its results do not fit the dataset version.
            NotFoundError: The dataset version is not of this workspace.
        """
        try:
            body = msgspec.json.decode(data, type=ImportedEvaluation)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidInputError(f"not predictions in COCO results form: {error}") from error
        version = self.machine.database.read_sync(
            lambda tx: self._require_split(tx, access, body.dataset_version_id, body.split)
        )
        records, classes = self.read_import(version, body)
        sha256 = self.machine.blobs.put(records)
        return self.machine.database.write_sync(
            lambda tx: self.start_import(tx, access, body=body, predictions_sha256=sha256, classes=classes)
        )

    def read_import(self, version: VersionView, body: ImportedEvaluation) -> tuple[bytes, list[str]]:
        """Check COCO results against a version; returns them as stored, and the class ids."""
        entries = list(self.datasets.read_entries(version, split=body.split))
        ontology = self.datasets.read_manifest(version).ontology
        records = predictions.from_coco_results(body.results, entries=entries, ontology=ontology)
        return predictions.dump(records), [entry.class_id for entry in ontology.classes]

    def get(self, tx: Transaction, evaluation_id: str) -> EvaluationView:
        """Return an evaluation, or raise ``NotFoundError``."""
        found = store.find_evaluation(tx, evaluation_id)
        if found is None:
            raise NotFoundError("there is no such evaluation")
        return self.machine.jobs.stand_of(tx, found)

    def list_evaluations(
        self, tx: Transaction, access: Access, *, before: str, limit: int
    ) -> list[EvaluationView]:
        """Return the evaluations of the workspace, newest first."""
        found = store.list_evaluations(tx, workspace_id=access.workspace_id, before=before, limit=limit)
        return [self.machine.jobs.stand_of(tx, view) for view in found]

    def run(self, context: JobContext) -> dict[str, Any]:
        """Measure: the handler of an evaluation's job."""
        evaluation_id = context.args["evaluation_id"]
        read, write = self.machine.database.read_sync, self.machine.database.write_sync
        view = read(lambda tx: self.get(tx, evaluation_id))
        write(lambda tx: store.update_evaluation(tx, evaluation_id, values={"state": "running"}))
        version = read(lambda tx: self.datasets.get_version(tx, view.dataset_version_id))
        entries = list(self.datasets.read_entries(version, split=view.split))
        sha256 = view.predictions_sha256 or self._predict(context, view, entries)
        context.progress(len(entries), len(entries), "measuring")
        data = self._columns(version, entries, sha256)
        measured = measure(data)
        doubts, note = self.relabelling.look(view, data)
        rows = [
            {
                "item_id": entry.item_id,
                "badness": measured.badness[number],
                "body": json.dumps(
                    {
                        "name": entry.name,
                        "width": entry.width_px,
                        "height": entry.height_px,
                        "gold": [
                            thing.model_dump(exclude_none=True) for thing in measured.gold_objects[number]
                        ],
                        "predictions": [
                            thing.model_dump(exclude_none=True)
                            for thing in measured.predicted_objects[number]
                        ],
                    }
                ),
            }
            for number, entry in enumerate(entries)
        ]

        def finish(tx: Transaction) -> None:
            now_ms = self.machine.clock.now_ms()
            store.replace_samples(tx, evaluation_id, rows=rows)
            suspicion_store.replace_suspicions(tx, evaluation_id, doubts, note=note)
            values = {
                "state": "done",
                "metrics": measured.metrics.model_dump_json(),
                "predictions_sha256": sha256,
                "finished_ms": now_ms,
            }
            store.update_evaluation(tx, evaluation_id, values=values)
            emit(
                tx,
                machine=self.machine,
                workspace_id=view.workspace_id,
                event="evaluation.done",
                body={"evaluation_id": evaluation_id, "model_version_id": view.model_version_id},
            )

        context.step_in_transaction("finish", finish)
        return {"evaluation_id": evaluation_id}

    def on_ended(self, tx: Transaction, *, evaluation_id: str, state: str) -> None:
        """Follow a job that failed or was cancelled."""
        values = {"state": state, "finished_ms": self.machine.clock.now_ms()}
        store.update_evaluation(tx, evaluation_id, values=values)

    def compare(self, this: EvaluationView, other: EvaluationView, *, metric: str) -> Comparison:
        """Compare two evaluations on the same split of the same version.

        Raises:
            ConflictError: One is not done.
            InvalidInputError: They were measured on different data.
        """
        if this.predictions_sha256 is None or other.predictions_sha256 is None or this.metrics is None:
            raise ConflictError("both evaluations must be done before they can be compared")
        if (this.dataset_version_id, this.split) != (other.dataset_version_id, other.split):
            raise InvalidInputError(
                "the two were measured on different data; evaluate both on one split of one dataset version"
            )
        version = self.machine.database.read_sync(
            lambda tx: self.datasets.get_version(tx, this.dataset_version_id)
        )
        entries = list(self.datasets.read_entries(version, split=this.split))
        first = self._columns(version, entries, this.predictions_sha256)
        second = self._columns(version, entries, other.predictions_sha256)
        return compare(first, second, metric=metric)

    # --- back to labelling

    def items_in_slice(self, evaluation_id: str, name: str) -> list[str]:
        """Return the items of a slice of an evaluation: those it was measured on, and those the model learnt from.

        Reads the tables of both dataset versions; not to be called inside a transaction.

        Raises:
            NotFoundError: There is no such evaluation, or it has no such slice.
        """
        view, versions = self.machine.database.read_sync(lambda tx: self._behind(tx, evaluation_id))
        if view.metrics is None or name not in {part.name for part in view.metrics.slices}:
            raise NotFoundError(f"the evaluation has no slice {name!r}; see its slices for their names")
        found = []
        for version, split in versions:
            ontology = self.datasets.read_manifest(version).ontology
            class_names = {entry.class_id: entry.name for entry in ontology.classes}
            entries = self.datasets.read_entries(version, split=split)
            found += [entry.item_id for entry in entries if is_in_slice(entry, name, class_names=class_names)]
        return found

    def _behind(
        self, tx: Transaction, evaluation_id: str
    ) -> tuple[EvaluationView, list[tuple[VersionView, str | None]]]:
        """Return an evaluation, and the versions it and its model rest on, with the split that was used."""
        view = self.get(tx, evaluation_id)
        versions: list[tuple[VersionView, str | None]] = [
            (self.datasets.get_version(tx, view.dataset_version_id), view.split)
        ]
        model = self.training.get_model_version(tx, view.model_version_id)
        if model.run_id is not None:
            run = self.training.get_run(tx, model.run_id)
            versions.append((self.datasets.get_version(tx, run.dataset_version_id), None))
        return view, versions

    def request_send(self, tx: Transaction, access: Access, *, evaluation_id: str, body: SendBody) -> str:
        """Queue the job that makes a batch of what to label next; returns its id.

        Raises:
            NotFoundError: The project is not of this workspace.
            ConflictError: The evaluation is not done.
        """
        if self.projects.get_project(tx, body.project_id).workspace_id != access.workspace_id:
            raise NotFoundError("there is no such project here")
        view = self.get(tx, evaluation_id)
        if view.metrics is None:
            raise ConflictError("the evaluation is not done yet")
        if body.item_ids:
            found = records_by_id(tx, body.item_ids)
            if any(
                item_id not in found or found[item_id].workspace_id != access.workspace_id
                for item_id in body.item_ids
            ):
                raise NotFoundError("there is no such item here")
        elif body.policy == "gain":
            model = self.training.get_model_version(tx, view.model_version_id)
            if model.weights_sha256 is None:
                raise ConflictError(
                    "the gain cannot be told of a model that predicted elsewhere; choose at random, or name the items"
                )
        return self.machine.jobs.enqueue(
            tx,
            SEND_JOB,
            workspace_id=access.workspace_id,
            args={"evaluation_id": evaluation_id, **body.model_dump(mode="json")},
            subject=evaluation_id,
            created_by=access.member_id,
        )

    def send(self, context: JobContext) -> dict[str, Any]:
        """Choose and send: the handler of the job."""
        evaluation_id = context.args["evaluation_id"]
        body = SendBody.model_validate(
            {key: value for key, value in context.args.items() if key != "evaluation_id"}
        )
        read = self.machine.database.read_sync
        view = read(lambda tx: self.get(tx, evaluation_id))
        chosen: list[tuple[str, float]] = context.step(
            "choose", lambda: list(self._choose(context, view, body))
        )
        if not chosen:
            raise InvalidInputError("the project has no items left that nobody has labelled")
        return context.step_in_transaction(
            "send", lambda tx: self._send(tx, context, view, body, [Ranked(*pair) for pair in chosen])
        )

    def _choose(self, context: JobContext, view: EvaluationView, body: SendBody) -> list[Ranked]:
        if body.item_ids:
            return [
                Ranked(item_id, float(len(body.item_ids) - number))
                for number, item_id in enumerate(body.item_ids)
            ]
        pool = self.machine.database.read_sync(lambda tx: self.labeling.unlabelled_items(tx, body.project_id))
        if body.policy == "random":
            order = np.random.default_rng(body.seed).permutation(len(pool))[: body.count]
            names = sorted(pool)
            return [Ranked(names[int(index)], 0.0) for index in order]
        assert view.metrics is not None
        model = self.machine.database.read_sync(
            lambda tx: self.training.get_model_version(tx, view.model_version_id)
        )
        measured_on = self.machine.database.read_sync(
            lambda tx: self.datasets.get_version(tx, view.dataset_version_id)
        )
        classes = self.training.classes_in(model, self.datasets.read_manifest(measured_on).ontology)
        seen = self._look_at(context, model, classes, pool)
        return rank_by_gain(seen, metrics=view.metrics, count=body.count)

    def _look_at(
        self,
        context: JobContext,
        model: ModelVersionView,
        classes: Sequence[str | None],
        item_ids: Sequence[str],
    ) -> list[Candidate]:
        candidates: list[Candidate] = []
        for start in range(0, len(item_ids), _CHUNK_ITEMS):
            chunk = item_ids[start : start + _CHUNK_ITEMS]
            rows = self.machine.database.read_sync(partial(records_by_id, item_ids=chunk))
            records = {key: record for key, record in rows.items() if record.kind == "image"}
            media = [(record.item_id, record.sha256) for record in records.values()]
            for found in self.training.detect(model, media, score_threshold=_LOWEST_SCORE_FOR_GAIN):
                record = records[found.key]
                seen = [
                    (classes[index] or model.classes[index], score)
                    for index, score in zip(found.class_index, found.scores, strict=True)
                ]
                candidates.append(Candidate(found.key, record.group_key, record.metadata, seen))
            context.progress(start + len(chunk), len(item_ids), "looking at unlabelled items")
        return candidates

    def _send(
        self,
        tx: Transaction,
        context: JobContext,
        view: EvaluationView,
        body: SendBody,
        chosen: Sequence[Ranked],
    ) -> dict[str, Any]:
        origin = {"kind": "evaluation", "evaluation_id": view.evaluation_id, "policy": body.policy}
        batch = self.projects.ensure_batch(
            tx,
            project_id=body.project_id,
            name=body.name,
            created_by=context.created_by or "system",
            priority=body.priority,
            origin=origin,
        )
        requeued = self.labeling.requeue(
            tx,
            project_id=body.project_id,
            item_ids=[entry.item_id for entry in chosen],
            batch_id=batch.batch_id,
            extra_judgements=1 if body.item_ids else 0,
            by=context.created_by,
        )
        edge = Edge("evaluation", view.evaluation_id, "batch", batch.batch_id, f"failures, by {body.policy}")
        add_edges(tx, workspace_id=view.workspace_id, at_ms=self.machine.clock.now_ms(), edges=[edge])
        return {
            "batch_id": batch.batch_id,
            "item_ids": [entry.item_id for entry in chosen],
            "tasks": requeued.requeued + requeued.created,
        }

    # --- parts

    def _record(
        self, tx: Transaction, access: Access, *, body: NewEvaluation, predictions_sha256: str | None
    ) -> StartedEvaluation:
        evaluation_id, now_ms = self.machine.ids.new("evl"), self.machine.clock.now_ms()
        job_id = self.machine.jobs.enqueue(
            tx,
            EVALUATE_JOB,
            workspace_id=access.workspace_id,
            args={"evaluation_id": evaluation_id},
            subject=evaluation_id,
            created_by=access.member_id,
        )
        row = {
            "evaluation_id": evaluation_id,
            "workspace_id": access.workspace_id,
            "model_version_id": body.model_version_id,
            "dataset_version_id": body.dataset_version_id,
            "split": body.split,
            "job_id": job_id,
            "state": "queued",
            "predictions_sha256": predictions_sha256,
            "created_by": access.member_id,
            "created_ms": now_ms,
        }
        store.insert_evaluation(tx, row=row)
        edges = [
            Edge("model_version", body.model_version_id, "evaluation", evaluation_id, "measured"),
            Edge("dataset_version", body.dataset_version_id, "evaluation", evaluation_id, "measured on"),
        ]
        add_edges(tx, workspace_id=access.workspace_id, at_ms=now_ms, edges=edges)
        audit(tx, access=access, action="evaluation.started", target=evaluation_id, at_ms=now_ms)
        return StartedEvaluation(evaluation_id=evaluation_id, job_id=job_id)

    def _require_split(
        self, tx: Transaction, access: Access, dataset_version_id: str, split: str
    ) -> VersionView:
        version = self.datasets.get_version(tx, dataset_version_id)
        if version.workspace_id != access.workspace_id:
            raise NotFoundError("there is no such dataset version here")
        splits = version.card.get("splits", {})
        if not isinstance(splits, dict) or split not in splits:
            known = sorted(splits) if isinstance(splits, dict) else []
            raise InvalidInputError(f"the dataset version has no split {split!r}; it has {known}")
        return version

    def _predict(self, context: JobContext, view: EvaluationView, entries: Sequence[Entry]) -> str:
        read = self.machine.database.read_sync
        model = read(lambda tx: self.training.get_model_version(tx, view.model_version_id))
        version = read(lambda tx: self.datasets.get_version(tx, view.dataset_version_id))
        classes = self.training.classes_in(model, self.datasets.read_manifest(version).ontology)
        if not any(classes):
            raise InvalidInputError(
                "the model and the dataset version have no class in common, by id or by name; nothing can be measured"
            )
        records: list[PredictionRecord] = []
        for start in range(0, len(entries), _CHUNK_ITEMS):
            chunk = [(entry.item_id, entry.sha256) for entry in entries[start : start + _CHUNK_ITEMS]]
            found = self.training.detect(model, chunk, score_threshold=_LOWEST_SCORE)
            records += predictions.from_found(found, classes=classes)
            context.progress(start + len(chunk), len(entries), "predicting")
        return self.machine.blobs.put(predictions.dump(records))

    def _columns(self, version: VersionView, entries: Sequence[Entry], predictions_sha256: str) -> Columns:
        records = predictions.load(self.machine.blobs.get(predictions_sha256))
        return columns(entries, records, self.datasets.read_manifest(version).ontology)
