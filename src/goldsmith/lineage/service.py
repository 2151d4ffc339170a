"""Walking from any answer back to its evidence, and from any evidence forward to what learnt from it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from goldsmith.accounts.api import member_names
from goldsmith.core.errors import InvalidInputError, NotFoundError
from goldsmith.datasets.api import (
    DatasetsService,
    VersionView,
    item_rows,
    list_versions,
    versions_with_items,
    versions_with_submissions,
)
from goldsmith.evaluation.api import EvaluationService, EvaluationView, evaluations_of, evaluations_on
from goldsmith.items.api import records_by_id
from goldsmith.labeling.api import (
    SubmissionFact,
    submissions_by_id,
    submissions_of_item,
    submissions_of_member,
    task_ids_of_batch,
    tasks_by_id,
    tasks_of_item,
)
from goldsmith.lineage.types import Direction, Node, Report, Step
from goldsmith.platform.database import Transaction
from goldsmith.platform.edges import edges_from, edges_to
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import ProjectsService
from goldsmith.training.api import ModelVersionView, RunView, TrainingService, runs_on, versions_of

MAX_NODES: Final = 200
_PAGE: Final = 5000
_BATCH: Final = 400

_KINDS: Final = {
    "mdv": "model_version",
    "evl": "evaluation",
    "dsv": "dataset_version",
    "run": "run",
    "bat": "batch",
    "sub": "submission",
    "tsk": "task",
    "itm": "item",
    "mem": "member",
    "prj": "project",
    "dst": "dataset",
    "mdl": "model",
}


class LineageService:
    """Walks what all steps keep.

    Args:
        machine: What the service runs on.
        projects: Names batches and projects.
        datasets: Versions and what is in them.
        training: Runs and model versions.
        evaluation: Evaluations.
    """

    def __init__(
        self,
        machine: Machine,
        projects: ProjectsService,
        datasets: DatasetsService,
        training: TrainingService,
        evaluation: EvaluationService,
    ) -> None:
        self.machine = machine
        self.projects = projects
        self.datasets = datasets
        self.training = training
        self.evaluation = evaluation

    def items_in_slice(self, subject_id: str, name: str) -> list[str]:
        """Return the items behind a slice of an evaluation, to walk with; not to be called inside a transaction.

        Raises:
            InvalidInputError: The subject is no evaluation.
            NotFoundError: There is no such evaluation, or it has no such slice.
        """
        if _KINDS.get(subject_id[:3]) != "evaluation":
            raise InvalidInputError("only an evaluation has slices; say the id of one")
        return self.evaluation.items_in_slice(subject_id, name)

    def walk(
        self, tx: Transaction, subject_id: str, *, direction: Direction, item_ids: Sequence[str] = ()
    ) -> Report:
        """Walk from a thing, known by its id.

        Args:
            tx: The transaction at hand.
            subject_id: Of a model or its version, evaluation, dataset or its version, run, project, batch, submission,
                task, item or member.
            direction: ``up`` to the evidence, ``down`` to what came of it.
            item_ids: Upwards from a dataset version, model version or evaluation: only what is behind these items,
                such as those of a failing slice; empty for all.

        Raises:
            NotFoundError: There is no such thing, or lineage does not know its kind.
        """
        kind = _KINDS.get(subject_id[:3])
        if kind is None:
            known = ", ".join(sorted(name.replace("_", " ") for name in _KINDS.values()))
            raise NotFoundError(f"{subject_id!r} is no id that lineage knows; it knows ids of: {known}")
        subject = self._subject(tx, kind, subject_id)
        steps = (
            _Up(self, tx, frozenset(item_ids)).steps(kind, subject_id)
            if direction == "up"
            else _Down(self, tx).steps(kind, subject_id)
        )
        return Report(subject=subject, direction=direction, steps=[step for step in steps if step.count])

    def _subject(self, tx: Transaction, kind: str, subject_id: str) -> Node:
        match kind:
            case "model_version":
                return model_node(self.training.get_model_version(tx, subject_id))
            case "evaluation":
                return evaluation_node(self.evaluation.get(tx, subject_id))
            case "dataset_version":
                return version_node(self.datasets.get_version(tx, subject_id))
            case "run":
                return run_node(self.training.get_run(tx, subject_id))
            case "project":
                project = self.projects.get_project(tx, subject_id)
                return Node(kind=kind, id=subject_id, name=project.name, at_ms=project.created_ms)
            case "dataset":
                dataset = self.datasets.get_dataset(tx, subject_id)
                return Node(kind=kind, id=subject_id, name=dataset.name, at_ms=dataset.created_ms)
            case "model":
                found_versions = versions_of(tx, subject_id)
                return _required(
                    [Node(kind=kind, id=subject_id, name=v.model_name) for v in found_versions], "model"
                )
            case "batch":
                batch = self.projects.get_batch(tx, subject_id)
                return Node(kind=kind, id=subject_id, name=batch.name, at_ms=batch.created_ms)
            case "submission":
                found = submissions_by_id(tx, [subject_id])
                return _required([submission_node(fact) for fact in found], "submission")
            case "task":
                tasks = tasks_by_id(tx, [subject_id])
                return _required(
                    [Node(kind=kind, id=t.task_id, name=f"task in state {t.state}") for t in tasks], "task"
                )
            case "item":
                records = records_by_id(tx, [subject_id])
                return _required(
                    [Node(kind=kind, id=r.item_id, name=r.name) for r in records.values()], "item"
                )
            case _:
                name = member_names(tx, [subject_id]).get(subject_id)
                return _required([Node(kind="member", id=subject_id, name=name)] if name else [], "member")


class _Up:
    """From a result to its evidence."""

    def __init__(self, service: LineageService, tx: Transaction, item_ids: frozenset[str]) -> None:
        self._service = service
        self._tx = tx
        self._item_ids = item_ids

    def steps(self, kind: str, subject_id: str) -> list[Step]:
        tx, service = self._tx, self._service
        match kind:
            case "evaluation":
                view = service.evaluation.get(tx, subject_id)
                measured = service.datasets.get_version(tx, view.dataset_version_id)
                steps = [_step("dataset_version", "measured on", [version_node(measured)])]
                if self._item_ids:
                    steps += self.of_version(view.dataset_version_id, include_itself=False)
                return [*steps, *self.of_model(view.model_version_id, include_itself=True)]
            case "model_version":
                return self.of_model(subject_id, include_itself=False)
            case "run":
                run = service.training.get_run(tx, subject_id)
                return self.of_version(run.dataset_version_id, include_itself=True)
            case "dataset_version":
                return self.of_version(subject_id, include_itself=False)
            case "dataset":
                versions = list_versions(tx, subject_id)
                steps = [_step("dataset_version", "has", [version_node(version) for version in versions])]
                newest = [step for version in versions[:1] for step in self._of(version)]
                return [*steps, *newest]
            case "model":
                made = versions_of(tx, subject_id)
                steps = [_step("model_version", "has", [model_node(version) for version in made])]
                behind = [
                    step
                    for version in made[:1]
                    for step in self.of_model(version.model_version_id, include_itself=False)
                ]
                return [*steps, *behind]
            case "batch":
                return self.of_batch(subject_id)
            case "submission":
                return self.of_submissions(submissions_by_id(tx, [subject_id]), include_themselves=False)
            case "task":
                item_ids = [task.item_id for task in tasks_by_id(tx, [subject_id])]
                facts = [
                    f for item in item_ids for f in submissions_of_item(tx, item) if f.task_id == subject_id
                ]
                return self.of_submissions(facts, include_themselves=True)
            case "item":
                return self.of_submissions(submissions_of_item(tx, subject_id), include_themselves=True)
            case _:
                return []

    def _of(self, version: VersionView) -> list[Step]:
        return self.of_version(version.dataset_version_id, include_itself=False)

    def of_model(self, model_version_id: str, *, include_itself: bool) -> list[Step]:
        version = self._service.training.get_model_version(self._tx, model_version_id)
        steps = [_step("model_version", "measured", [model_node(version)])] if include_itself else []
        if version.run_id is None:
            return steps
        run = self._service.training.get_run(self._tx, version.run_id)
        steps.append(_step("run", "made by", [run_node(run)]))
        return [*steps, *self.of_version(run.dataset_version_id, include_itself=True)]

    def of_version(self, dataset_version_id: str, *, include_itself: bool) -> list[Step]:
        version = self._service.datasets.get_version(self._tx, dataset_version_id)
        steps = [_step("dataset_version", "learnt from", [version_node(version)])] if include_itself else []
        submission_ids, item_ids = self._work_behind(dataset_version_id)
        records = records_by_id(self._tx, item_ids)
        items = [Node(kind="item", id=r.item_id, name=r.name) for r in records.values()]
        steps.append(_step("item", "holds", items))
        return [
            *steps,
            *self.of_submissions(submissions_by_id(self._tx, submission_ids), include_themselves=True),
        ]

    def of_batch(self, batch_id: str) -> list[Step]:
        causes = [edge for edge in edges_to(self._tx, "batch", batch_id) if edge.src_kind == "evaluation"]
        steps: list[Step] = []
        for edge in causes:
            view = self._service.evaluation.get(self._tx, edge.src_id)
            steps.append(_step("evaluation", edge.why, [evaluation_node(view)]))
            steps += self.of_model(view.model_version_id, include_itself=True)
        return steps

    def of_submissions(self, facts: Sequence[SubmissionFact], *, include_themselves: bool) -> list[Step]:
        steps = []
        if include_themselves:
            steps.append(_step("submission", "labelled by", [submission_node(fact) for fact in facts]))
        by_member = Counter(fact.member_id for fact in facts if fact.member_id is not None)
        names = member_names(self._tx, list(by_member))
        members = [
            Node(kind="member", id=member_id, name=names.get(member_id, "?"), detail={"submissions": count})
            for member_id, count in by_member.most_common()
        ]
        steps.append(_step("member", "given by", members))
        for kind in ("ontology", "instructions"):
            used = Counter((f.project_id, getattr(f, f"{kind}_version")) for f in facts)
            nodes = [
                Node(
                    kind=f"{kind}_version",
                    id=f"{project_id}:{version}",
                    name=f"{kind} version {version}",
                    detail={"project_id": project_id, "submissions": count},
                )
                for (project_id, version), count in sorted(used.items())
            ]
            steps.append(_step(f"{kind}_version", "made with", nodes))
        return steps

    def _work_behind(self, dataset_version_id: str) -> tuple[list[str], list[str]]:
        submission_ids: set[str] = set()
        item_ids: list[str] = []
        after = ""
        while rows := item_rows(self._tx, dataset_version_id, split=None, after=after, limit=_PAGE):
            for row in rows:
                if not self._item_ids or row["item_id"] in self._item_ids:
                    item_ids.append(row["item_id"])
                    submission_ids.update(json.loads(row["submission_ids"]))
            after = rows[-1]["item_id"]
        return sorted(submission_ids), item_ids


class _Down:
    """From evidence to what learnt from it."""

    def __init__(self, service: LineageService, tx: Transaction) -> None:
        self._service = service
        self._tx = tx

    def steps(self, kind: str, subject_id: str) -> list[Step]:
        tx = self._tx
        match kind:
            case "project":
                versions = [
                    edge.dst_id
                    for edge in edges_from(tx, "project", subject_id)
                    if edge.dst_kind == "dataset_version"
                ]
                return self.of_versions(dict.fromkeys(versions, 0), include_themselves=True)
            case "dataset":
                versions = [version.dataset_version_id for version in list_versions(tx, subject_id)]
                return self.of_versions(dict.fromkeys(versions, 0), include_themselves=True)
            case "model":
                made = [version.model_version_id for version in versions_of(tx, subject_id)]
                return self.of_models(made, include_themselves=True)
            case "member":
                return self.of_facts(submissions_of_member(tx, subject_id), why="gave")
            case "submission":
                return self.of_facts(submissions_by_id(tx, [subject_id]), why="")
            case "task":
                items = [task.item_id for task in tasks_by_id(tx, [subject_id])]
                facts = [
                    f for item in items for f in submissions_of_item(tx, item) if f.task_id == subject_id
                ]
                return self.of_facts(facts, why="got")
            case "item":
                return self.of_item(subject_id)
            case "dataset_version":
                return self.of_versions({subject_id: 0}, include_themselves=False)
            case "run":
                run = self._service.training.get_run(tx, subject_id)
                return self.of_models(
                    [run.model_version_id] if run.model_version_id else [], include_themselves=True
                )
            case "model_version":
                return self.of_models([subject_id], include_themselves=False)
            case "evaluation":
                return self.of_evaluations([subject_id])
            case _:
                return self.of_batch(subject_id)

    def of_facts(self, facts: Sequence[SubmissionFact], *, why: str) -> list[Step]:
        steps = [_step("submission", why, [submission_node(fact) for fact in facts])] if why else []
        ids = {fact.submission_id for fact in facts}
        counts: Counter[str] = Counter()
        for chunk in _chunks(sorted({fact.task_id for fact in facts})):
            counts.update(versions_with_submissions(self._tx, task_ids=chunk, submission_ids=ids))
        return [*steps, *self.of_versions(counts, include_themselves=True)]

    def of_item(self, item_id: str) -> list[Step]:
        tasks = tasks_of_item(self._tx, item_id)
        nodes = [Node(kind="task", id=t.task_id, name=f"task in state {t.state}") for t in tasks]
        facts = submissions_of_item(self._tx, item_id)
        steps = [
            _step("task", "asked about", nodes),
            _step("submission", "got", [submission_node(fact) for fact in facts]),
        ]
        versions = dict.fromkeys(versions_with_items(self._tx, [item_id]), 0)
        return [*steps, *self.of_versions(versions, include_themselves=True)]

    def of_batch(self, batch_id: str) -> list[Step]:
        facts: list[SubmissionFact] = []
        task_ids = task_ids_of_batch(self._tx, batch_id)
        wanted = set(task_ids)
        for task in tasks_by_id(self._tx, task_ids):
            facts += [f for f in submissions_of_item(self._tx, task.item_id) if f.task_id in wanted]
        return self.of_facts(facts, why="got")

    def of_versions(self, counts: dict[str, int], *, include_themselves: bool) -> list[Step]:
        versions = [self._service.datasets.get_version(self._tx, version_id) for version_id in sorted(counts)]
        steps = []
        if include_themselves:
            nodes = [version_node(v, submissions=counts[v.dataset_version_id]) for v in versions]
            steps.append(_step("dataset_version", "entered", nodes))
        runs = [run for version in versions for run in runs_on(self._tx, version.dataset_version_id)]
        steps.append(_step("run", "was learnt from by", [run_node(run) for run in runs]))
        models = [run.model_version_id for run in runs if run.model_version_id is not None]
        steps += self.of_models(models, include_themselves=True)
        measured = [view for v in versions for view in evaluations_on(self._tx, v.dataset_version_id)]
        steps.append(_step("evaluation", "was measured on by", [evaluation_node(view) for view in measured]))
        return steps

    def of_models(self, version_ids: Sequence[str], *, include_themselves: bool) -> list[Step]:
        steps = []
        if include_themselves:
            found = [
                self._service.training.get_model_version(self._tx, version_id) for version_id in version_ids
            ]
            steps.append(_step("model_version", "made", [model_node(version) for version in found]))
        views = [view for version_id in version_ids for view in evaluations_of(self._tx, version_id)]
        steps.append(_step("evaluation", "was measured by", [evaluation_node(view) for view in views]))
        return [*steps, *self.of_evaluations([view.evaluation_id for view in views])]

    def of_evaluations(self, evaluation_ids: Sequence[str]) -> list[Step]:
        batches: dict[str, Node] = {}
        for evaluation_id in evaluation_ids:
            for edge in edges_from(self._tx, "evaluation", evaluation_id):
                if edge.dst_kind == "batch":
                    batch = self._service.projects.get_batch(self._tx, edge.dst_id)
                    detail = {"why": edge.why, "project_id": batch.project_id}
                    node = Node(
                        kind="batch",
                        id=batch.batch_id,
                        name=batch.name,
                        at_ms=batch.created_ms,
                        detail=detail,
                    )
                    batches.setdefault(batch.batch_id, node)  # asked for twice is one batch
        return [_step("batch", "asked for", list(batches.values()))]


def version_node(version: VersionView, *, submissions: int = 0) -> Node:
    """Show a dataset version."""
    detail: dict[str, object] = {"content_hash": version.content_hash}
    if submissions:
        detail["submissions"] = submissions
    return Node(
        kind="dataset_version",
        id=version.dataset_version_id,
        name=f"{version.dataset_name} v{version.number}",
        at_ms=version.created_ms,
        detail=detail,
    )


def run_node(run: RunView) -> Node:
    """Show a run."""
    detail = {"recipe_hash": run.recipe_hash, "seed": run.seed, "state": run.state}
    return Node(
        kind="run", id=run.run_id, name=f"run of {run.model_name}", at_ms=run.created_ms, detail=detail
    )


def model_node(version: ModelVersionView) -> Node:
    """Show a model version."""
    return Node(
        kind="model_version",
        id=version.model_version_id,
        name=f"{version.model_name} v{version.number}",
        at_ms=version.created_ms,
        detail={"source": version.source},
    )


def evaluation_node(view: EvaluationView) -> Node:
    """Show an evaluation."""
    ap50 = None if view.metrics is None else view.metrics.numbers["ap50"].value
    return Node(
        kind="evaluation",
        id=view.evaluation_id,
        name=f"evaluation on {view.split}" + ("" if ap50 is None else f": AP50 {ap50:.3f}"),
        at_ms=view.created_ms,
        detail={"state": view.state, "ap50": ap50},
    )


def submission_node(fact: SubmissionFact) -> Node:
    """Show a submission."""
    return Node(
        kind="submission",
        id=fact.submission_id,
        name=f"{fact.kind}, {fact.annotation_count} objects",
        at_ms=fact.created_ms,
        detail={
            "task_id": fact.task_id,
            "item_id": fact.item_id,
            "member_id": fact.member_id,
            "version": fact.version,
        },
    )


def _step(kind: str, why: str, nodes: Sequence[Node]) -> Step:
    return Step(kind=kind, why=why, count=len(nodes), nodes=list(nodes[:MAX_NODES]))


def _required(nodes: Sequence[Node], kind: str) -> Node:
    if not nodes:
        raise NotFoundError(f"there is no such {kind}")
    return nodes[0]


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))
