"""Every step of the loop as a method; answers are the server's own models."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from goldsmith.accounts.types import Me, NewMember, Page
from goldsmith.client.http import ClientError, Connection, Endpoint
from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Ontology
from goldsmith.datasets.types import DatasetView, VersionPolicy, VersionView
from goldsmith.evaluation.types import Comparison, EvaluationView, NewEvaluation, SendBody, StartedEvaluation
from goldsmith.formats.types import YoloVariant
from goldsmith.labeling.types import ReviewAnswer, ReviewBody, SubmitAnswer, SubmitBody, TaskPayload
from goldsmith.lineage.types import Direction, Report
from goldsmith.platform.jobs import JobView
from goldsmith.projects.types import Batch, BatchView, Project, QualityPolicy, Workflow
from goldsmith.quality.types import (
    AuditBegin,
    AuditList,
    AuditView,
    Consequence,
    ConsequenceList,
    QualityReport,
    SimulationBody,
    SimulationView,
    TargetView,
)
from goldsmith.training.types import ModelVersionView, NewPrelabels, NewRun, RunView, StartedRun

__all__ = ["ENDPOINTS", "Client", "ClientError", "JobFailedError"]

ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    "me": Endpoint("GET", "/auth/me"),
    "add_member": Endpoint("POST", "/workspaces/{workspace_id}/members"),
    "create_project": Endpoint("POST", "/workspaces/{workspace_id}/projects"),
    "add_to_project": Endpoint("PUT", "/projects/{project_id}/members/{member_id}"),
    "put_quality_policy": Endpoint("PUT", "/projects/{project_id}/quality-policy"),
    "list_batches": Endpoint("GET", "/projects/{project_id}/batches"),
    "create_batch": Endpoint("POST", "/projects/{project_id}/batches"),
    "change_batch": Endpoint("PATCH", "/batches/{batch_id}"),
    "import_files": Endpoint("POST", "/projects/{project_id}/imports"),
    "import_problems": Endpoint("GET", "/imports/{import_id}/problems"),
    "list_items": Endpoint("GET", "/projects/{project_id}/items"),
    "upload_part": Endpoint("POST", "/workspaces/{workspace_id}/blobs"),
    "bulk_items": Endpoint("POST", "/projects/{project_id}/items/bulk"),
    "next_task": Endpoint("POST", "/projects/{project_id}/tasks/next"),
    "submit": Endpoint("POST", "/leases/{judgement_id}/submit"),
    "review": Endpoint("POST", "/leases/{judgement_id}/review"),
    "quality": Endpoint("GET", "/projects/{project_id}/quality"),
    "resolve": Endpoint("POST", "/projects/{project_id}/quality/resolve"),
    "quality_target": Endpoint("GET", "/projects/{project_id}/quality/target"),
    "simulate": Endpoint("POST", "/projects/{project_id}/quality/simulations"),
    "list_audits": Endpoint("GET", "/projects/{project_id}/quality/audits"),
    "start_audit": Endpoint("POST", "/projects/{project_id}/quality/audits"),
    "stop_audit": Endpoint("POST", "/audits/{audit_id}/stop"),
    "list_consequences": Endpoint("GET", "/projects/{project_id}/quality/consequences"),
    "look_for_signals": Endpoint("POST", "/projects/{project_id}/quality/signals"),
    "export_project": Endpoint("GET", "/projects/{project_id}/export"),
    "create_dataset": Endpoint("POST", "/workspaces/{workspace_id}/datasets"),
    "create_version": Endpoint("POST", "/datasets/{dataset_id}/versions"),
    "get_version": Endpoint("GET", "/dataset-versions/{dataset_version_id}"),
    "export_version": Endpoint("POST", "/dataset-versions/{dataset_version_id}/exports"),
    "download_export": Endpoint("GET", "/exports/{export_id}/file"),
    "start_run": Endpoint("POST", "/workspaces/{workspace_id}/runs"),
    "get_run": Endpoint("GET", "/runs/{run_id}"),
    "get_model_version": Endpoint("GET", "/model-versions/{model_version_id}"),
    "prelabel": Endpoint("POST", "/projects/{project_id}/prelabels"),
    "evaluate": Endpoint("POST", "/workspaces/{workspace_id}/evaluations"),
    "import_evaluation": Endpoint("POST", "/workspaces/{workspace_id}/evaluations/import"),
    "get_evaluation": Endpoint("GET", "/evaluations/{evaluation_id}"),
    "compare": Endpoint("GET", "/evaluations/{evaluation_id}/compare/{other_id}"),
    "send_to_labelling": Endpoint("POST", "/evaluations/{evaluation_id}/send-to-labelling"),
    "lineage": Endpoint("GET", "/lineage/{subject_id}"),
    "list_jobs": Endpoint("GET", "/workspaces/{workspace_id}/jobs"),
    "get_job": Endpoint("GET", "/workspaces/{workspace_id}/jobs/{job_id}"),
    "verify_audit": Endpoint("POST", "/workspaces/{workspace_id}/audit/verify"),
}
"""What the client uses of the API, by the name of its method."""

T = TypeVar("T")
_POLL_S: Final = 0.25


class JobFailedError(Exception):
    """A job ended badly; carries its last state."""

    def __init__(self, job: JobView) -> None:
        reason = "cancelled" if job.error is None else f"{job.error.code}: {job.error.detail}"
        super().__init__(f"job {job.job_id} ({job.kind}) {job.state}: {reason}")
        self.job = job


class Client:
    """A member at work.

    Args:
        url: Of the server, such as ``http://127.0.0.1:8400``.
        key: An API key; its workspace is the client's.
        timeout_s: For one request.

    Attributes:
        workspace_id: The workspace of the key.
        member_id: The member the key acts for.
    """

    def __init__(self, url: str, key: str, *, timeout_s: float = 60.0) -> None:
        self._connection = Connection(url, key, timeout_s=timeout_s)
        membership = self.me().memberships[0]
        self.workspace_id = membership.workspace_id
        self.member_id = membership.member_id

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the connection."""
        self._connection.close()

    # --- people

    def me(self) -> Me:
        """Return who the key belongs to."""
        return self._call("me", Me)

    def add_member(self, *, name: str, kind: str, role: str, with_key: bool = True) -> NewMember:
        """Add a service or simulated member, with a key of its own."""
        body = {"name": name, "kind": kind, "role": role, "with_key": with_key}
        return self._call("add_member", NewMember, body=body, workspace_id=self.workspace_id)

    def add_to_project(self, *, project_id: str, member_id: str) -> None:
        """Let a member into a project."""
        self._connection.send(ENDPOINTS["add_to_project"], project_id=project_id, member_id=member_id)

    # --- projects and items

    def create_project(
        self,
        *,
        name: str,
        ontology: Ontology | None = None,
        instructions: str = "",
        workflow: Workflow | None = None,
        quality: QualityPolicy | None = None,
    ) -> Project:
        """Start a project."""
        body: dict[str, Any] = {"name": name, "instructions": instructions}
        if ontology is not None:
            body["ontology"] = ontology.model_dump(mode="json")
        if workflow is not None:
            body["workflow"] = workflow.model_dump(mode="json")
        if quality is not None:
            body["quality"] = quality.model_dump(mode="json")
        return self._call("create_project", Project, body=body, workspace_id=self.workspace_id)

    def put_quality_policy(self, project_id: str, policy: QualityPolicy, *, note: str = "") -> None:
        """Say what quality a project wants and what it may cost."""
        body = {"policy": policy.model_dump(mode="json"), "note": note}
        self._connection.send(ENDPOINTS["put_quality_policy"], json=body, project_id=project_id)

    def list_batches(self, project_id: str) -> list[BatchView]:
        """Return the batches of a project."""
        return self._call("list_batches", Page[BatchView], project_id=project_id, query={"limit": 200}).items

    def create_batch(
        self, *, project_id: str, name: str, priority: int = 0, is_staged: bool = False
    ) -> Batch:
        """Start a batch; the tasks of a staged one wait until its state is changed to ``open``."""
        body = {"name": name, "priority": priority, "state": "staging" if is_staged else "open"}
        return self._call("create_batch", Batch, body=body, project_id=project_id)

    def change_batch(self, *, project_id: str, batch_id: str, **changes: Any) -> Batch:
        """Change priority or state (``open``, ``paused``, ``cancelled``) of a batch; a staged one may be opened."""
        return self._call("change_batch", Batch, body=changes, project_id=project_id, batch_id=batch_id)

    def import_archive(
        self,
        *,
        project_id: str,
        archive: Path,
        format_name: str,
        labels_as: str,
        batch: str | None = None,
    ) -> str:
        """Upload a zip archive and queue its import; returns the job's id."""
        form: dict[str, Any] = {"format": (None, format_name), "labels_as": (None, labels_as)}
        if batch is not None:
            form["batch"] = (None, batch)
        with archive.open("rb") as file:
            form["files"] = (archive.name, file, "application/zip")
            response = self._connection.send(ENDPOINTS["import_files"], files=form, project_id=project_id)
        return str(response.json()["job_id"])

    def iter_items(self, project_id: str, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield all items of a project, a page at a time."""
        yield from self._pages("list_items", query=filters, project_id=project_id)

    def iter_problems(self, import_id: str) -> Iterator[dict[str, Any]]:
        """Yield what an import refused or changed, each with its reason."""
        yield from self._pages("import_problems", import_id=import_id)

    def upload_part(self, data: bytes) -> dict[str, Any]:
        """Upload a file that a part of a document may name; returns its ``sha256``, ``kind`` and ``media_type``."""
        answer = self._connection.send(
            ENDPOINTS["upload_part"], content=data, workspace_id=self.workspace_id, query={"use": "part"}
        )
        stored: dict[str, Any] = answer.json()
        return stored

    def bulk_items(self, project_id: str, records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Make items of records, streamed as they come; returns what the server counted.

        A record with ``text`` is a text. One with ``parts`` is a document, such as ``{"name": "note", "parts":
        [{"kind": "text", "text": "..."}, {"kind": "pdf", "sha256": ...}]}``; see ``upload_part``.
        """
        lines = (json.dumps(record).encode() + b"\n" for record in records)
        answer = self._connection.send(ENDPOINTS["bulk_items"], content=lines, project_id=project_id)
        counted: dict[str, Any] = answer.json()
        return counted

    # --- labelling

    def next_task(self, project_id: str, *, stage: str = "label") -> TaskPayload | None:
        """Take the next task, or None when nothing is left."""
        return self._find("next_task", TaskPayload, body={"stage": stage}, project_id=project_id)

    def submit(
        self, task: TaskPayload, labelling: Labelling, *, request_key: str, active_ms: int = 0
    ) -> SubmitAnswer:
        """Hand in a labelling; the same ``request_key`` again is the same submission."""
        body = SubmitBody(
            token=task.lease.token,
            request_key=request_key,
            labelling=labelling,
            active_ms=active_ms,
            ontology_version=task.ontology_version,
            instructions_version=task.instructions_version,
        )
        return self._call(
            "submit", SubmitAnswer, body=body.model_dump(mode="json"), judgement_id=task.lease.judgement_id
        )

    def review(self, task: TaskPayload, body: ReviewBody) -> ReviewAnswer:
        """Hand in a verdict."""
        return self._call(
            "review", ReviewAnswer, body=body.model_dump(mode="json"), judgement_id=task.lease.judgement_id
        )

    # --- quality, datasets

    def quality(self, project_id: str) -> QualityReport:
        """Return the quality page of a project."""
        return self._call("quality", QualityReport, project_id=project_id)

    def resolve(self, project_id: str) -> str:
        """Learn the skill anew and resolve every task again; returns the job's id."""
        return str(self._call("resolve", dict[str, str], project_id=project_id)["job_id"])

    def quality_target(self, project_id: str) -> TargetView:
        """Return where a project stands to its target, and what it costs."""
        return self._call("quality_target", TargetView, project_id=project_id)

    def simulate(self, project_id: str, body: SimulationBody) -> SimulationView:
        """Try policies on simulated work: cost against accuracy."""
        sent = body.model_dump(mode="json")
        return self._call("simulate", SimulationView, body=sent, project_id=project_id)

    def start_audit(self, project_id: str, body: AuditBegin) -> AuditView:
        """Draw finished tasks for reviewers to look at, until a target is proved or refuted."""
        sent = body.model_dump(mode="json")
        return self._call("start_audit", AuditView, body=sent, project_id=project_id)

    def stop_audit(self, audit_id: str) -> AuditView:
        """End an audit before its verdict."""
        return self._call("stop_audit", AuditView, audit_id=audit_id)

    def list_audits(self, project_id: str) -> list[AuditView]:
        """Return the audits of a project, newest first."""
        return self._call("list_audits", AuditList, project_id=project_id).audits

    def list_consequences(self, project_id: str) -> list[Consequence]:
        """Return what followed for members from how they work, newest first."""
        return self._call("list_consequences", ConsequenceList, project_id=project_id).consequences

    def look_for_signals(self, project_id: str) -> str:
        """Queue the job that looks for signs against people's work; returns its id."""
        return str(self._call("look_for_signals", dict[str, str], project_id=project_id)["job_id"])

    def export_project(self, project_id: str, *, format_name: str = "jsonl") -> bytes:
        """Return the labels of a project."""
        response = self._connection.send(
            ENDPOINTS["export_project"], project_id=project_id, query={"format": format_name}
        )
        return response.content

    def create_dataset(self, name: str) -> DatasetView:
        """Start a line of versions."""
        return self._call("create_dataset", DatasetView, body={"name": name}, workspace_id=self.workspace_id)

    def create_version(self, *, dataset_id: str, policy: VersionPolicy) -> VersionView:
        """Cut a version and wait for it."""
        body = policy.model_dump(mode="json")
        job_id = self._call("create_version", dict[str, str], body=body, dataset_id=dataset_id)["job_id"]
        return self.get_version(self.wait(job_id).result["dataset_version_id"])

    def get_version(self, dataset_version_id: str) -> VersionView:
        """Return a version."""
        return self._call("get_version", VersionView, dataset_version_id=dataset_version_id)

    def export_version(
        self, *, dataset_version_id: str, format_name: str, target: Path, yolo_variant: YoloVariant = "auto"
    ) -> dict[str, Any]:
        """Export a version to a zip archive at ``target``; returns the report of losses.

        Args:
            dataset_version_id: The version.
            format_name: One of the formats, or ``goldsmith``.
            target: File to write.
            yolo_variant: What a line of YOLO says; ``auto`` takes what is drawn.
        """
        job_id = self._call(
            "export_version",
            dict[str, str],
            body={"format": format_name, "yolo_variant": yolo_variant},
            dataset_version_id=dataset_version_id,
        )["job_id"]
        result: dict[str, Any] = self.wait(job_id).result
        target.write_bytes(self._connection.send(ENDPOINTS["download_export"], export_id=job_id).content)
        losses: dict[str, Any] = result["losses"]
        return losses

    # --- training, evaluation

    def start_run(self, body: NewRun) -> StartedRun:
        """Start a training."""
        return self._call(
            "start_run", StartedRun, body=body.model_dump(mode="json"), workspace_id=self.workspace_id
        )

    def get_run(self, run_id: str) -> RunView:
        """Return a run."""
        return self._call("get_run", RunView, run_id=run_id)

    def get_model_version(self, model_version_id: str) -> ModelVersionView:
        """Return a model version."""
        return self._call("get_model_version", ModelVersionView, model_version_id=model_version_id)

    def prelabel(self, *, project_id: str, body: NewPrelabels) -> str:
        """Pre-label a project's open tasks; returns the job's id."""
        answer: dict[str, str] = self._call(
            "prelabel", dict[str, str], body=body.model_dump(mode="json"), project_id=project_id
        )
        return answer["job_id"]

    def evaluate(self, body: NewEvaluation) -> StartedEvaluation:
        """Measure a model version on a dataset version."""
        return self._call(
            "evaluate", StartedEvaluation, body=body.model_dump(mode="json"), workspace_id=self.workspace_id
        )

    def import_evaluation(
        self,
        *,
        name: str,
        dataset_version_id: str,
        results: Sequence[Mapping[str, Any]],
        split: str = "test",
    ) -> StartedEvaluation:
        """Measure predictions made elsewhere, in COCO results form."""
        body = {
            "name": name,
            "dataset_version_id": dataset_version_id,
            "split": split,
            "results": list(results),
        }
        return self._call("import_evaluation", StartedEvaluation, body=body, workspace_id=self.workspace_id)

    def get_evaluation(self, evaluation_id: str) -> EvaluationView:
        """Return an evaluation."""
        return self._call("get_evaluation", EvaluationView, evaluation_id=evaluation_id)

    def compare(self, this_id: str, other_id: str) -> Comparison:
        """Compare two evaluations on the same data."""
        return self._call("compare", Comparison, evaluation_id=this_id, other_id=other_id)

    def send_to_labelling(self, *, evaluation_id: str, body: SendBody) -> dict[str, Any]:
        """Make a batch of what to label next and wait for it; returns the batch and its items."""
        answer = self._call(
            "send_to_labelling",
            dict[str, str],
            body=body.model_dump(mode="json"),
            evaluation_id=evaluation_id,
        )
        result: dict[str, Any] = self.wait(answer["job_id"]).result
        return result

    # --- lineage, audit, jobs

    def lineage(
        self,
        subject_id: str,
        *,
        direction: Direction,
        item_ids: Sequence[str] = (),
        slice_name: str | None = None,
    ) -> Report:
        """Walk up to the evidence, or down to what came of it; of an evaluation, also of one of its slices."""
        query = {"direction": direction, "item_id": list(item_ids) or None, "slice": slice_name}
        return self._call("lineage", Report, subject_id=subject_id, query=query)

    def verify_audit(self) -> dict[str, Any]:
        """Check the audit chain."""
        answer: dict[str, Any] = self._call("verify_audit", dict[str, Any], workspace_id=self.workspace_id)
        return answer

    def open_jobs(self) -> list[JobView]:
        """Return the jobs that wait or run."""
        page: dict[str, Any] = self._call(
            "list_jobs", dict[str, Any], workspace_id=self.workspace_id, query={"limit": 200}
        )
        views = [JobView.model_validate(row) for row in page["items"]]
        return [view for view in views if view.state.is_open]

    def get_job(self, job_id: str) -> JobView:
        """Return a job."""
        return self._call("get_job", JobView, workspace_id=self.workspace_id, job_id=job_id)

    def wait(self, job_id: str, *, on_progress: Callable[[JobView], None] | None = None) -> JobView:
        """Wait until a job is done.

        Args:
            job_id: The job.
            on_progress: Told its state a few times a second.

        Raises:
            JobFailedError: It failed or was cancelled.
        """
        while True:
            view = self.get_job(job_id)
            if on_progress is not None:
                on_progress(view)
            if not view.state.is_open:
                if view.state != "done":
                    raise JobFailedError(view)
                return view
            time.sleep(_POLL_S)

    def _pages(
        self, name: str, *, query: Mapping[str, Any] | None = None, **path: str
    ) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            asked = {"limit": 200, "cursor": cursor, **(query or {})}
            page: dict[str, Any] = self._call(name, dict[str, Any], query=asked, **path)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _call(
        self,
        name: str,
        returns: type[T],
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        **path: str,
    ) -> T:
        answer = self._find(name, returns, body=body, query=query, **path)
        if answer is None:
            raise ClientError(204, "no_content", "the server had nothing to answer", [])
        return answer

    def _find(
        self,
        name: str,
        returns: type[T],
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        **path: str,
    ) -> T | None:
        return self._connection.call(ENDPOINTS[name], returns, body=body, query=query, **path)
