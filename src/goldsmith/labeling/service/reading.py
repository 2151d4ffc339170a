"""Reading: the pages people see, and what other steps ask."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

import msgspec

from goldsmith.accounts.api import Access, Role
from goldsmith.core.errors import GoneError, NotFoundError
from goldsmith.items.api import ServedMedia, TaskScope, served_part
from goldsmith.labeling import policy
from goldsmith.labeling.policy import author_letter
from goldsmith.labeling.service.foundation import Foundation
from goldsmith.labeling.service.shown import item_of, scope_of, sees_everything
from goldsmith.labeling.store import facts, pages, submissions, talk, tasks
from goldsmith.labeling.store.pages import TaskFilter
from goldsmith.labeling.types import (
    CountedSubmission,
    DayOfWork,
    GoldEvidence,
    LabelledTask,
    PersonActivity,
    ProjectProgress,
    SubmissionKind,
    TaskState,
)
from goldsmith.platform.database import Row, Transaction
from goldsmith.projects.api import OntologyUse

_DAY_S: Final = 86_400
_PEOPLES_KINDS: Final = frozenset({SubmissionKind.HUMAN, SubmissionKind.FIX})


class Reading(Foundation):
    """The part of the service that only reads."""

    # --- pages

    def list_tasks(
        self, tx: Transaction, access: Access, *, project_id: str, wanted: TaskFilter, after: str, limit: int
    ) -> list[dict[str, Any]]:
        """Return tasks as ``TaskRow``, by one statement; annotators see those they met, gold like any other."""
        is_staff = sees_everything(access)
        if not is_staff:
            wanted = wanted._replace(is_gold=None, posterior_below=None)
        if access.role is Role.ANNOTATOR:
            wanted = wanted._replace(
                member_id=access.member_id, state=None
            )  # gold rests: its state would tell
        rows = pages.list_tasks(tx, project_id=project_id, wanted=wanted, after=after, limit=limit)
        overlap = 1 if is_staff else self._setup(tx, project_id).first_judgements
        return [_task_row(row, is_staff=is_staff, overlap=overlap) for row in rows]

    def get_page(self, tx: Transaction, access: Access, task_id: str) -> dict[str, Any]:
        """Return everything of a task as ``TaskPage``.

        An annotator sees a task only after handing it in (no copying), others as letters, and of a gold task only
        the own answer.

        Raises:
            NotFoundError: There is none, or an annotator did not hand it in.
        """
        task = pages.find_task(tx, task_id)
        if task is None:
            raise NotFoundError("there is no such task")
        is_staff = sees_everything(access)
        given = pages.submissions_of(tx, task_id)
        if access.role is Role.ANNOTATOR and all(row["member_id"] != access.member_id for row in given):
            raise NotFoundError("there is no such task among those you handed in")
        shown = [row for row in given if is_staff or SubmissionKind(row["kind"]) in _PEOPLES_KINDS]
        hides_answer = bool(task["is_gold"]) and not is_staff
        setup = self._setup(tx, task["project_id"])
        said = talk.comments_of_reviews(tx, task_id)
        return {
            "project_id": task["project_id"],
            "task": _task_row(task, is_staff=is_staff, overlap=setup.first_judgements),
            "item": item_of(task),
            "ontology_version": task["ontology_version"],
            "instructions_version": task["instructions_version"],
            "submissions": _submissions(shown, access, is_staff=is_staff),
            "consensus": None if hides_answer else _consensus(task),
            "reviews": [
                _review(row, said.get(row["review_id"], []), is_staff=is_staff)
                for row in pages.reviews_of(tx, task_id)
            ],
            "events": [
                _event(row)
                for row in pages.events_of(tx, task_id)
                if is_staff or row["member_id"] == access.member_id
            ],
            "judgements": [_judgement(row) for row in pages.judgements_of(tx, task_id)] if is_staff else [],
            **scope_of(task),
        }

    def find_context(self, tx: Transaction, task_id: str, number: int) -> ServedMedia:
        """Return what is sent as the n-th part (from 0) of what a task shows beside its item, by two statements.

        Raises:
            NotFoundError: There is no such task, or it shows no such file.
            GoneError: Its item was deleted.
        """
        row = pages.find_scope(tx, task_id)
        if row is None or row["scope"] is None:
            raise NotFoundError("the task shows nothing beside its item")
        if row["item_deleted_ms"] is not None:
            raise GoneError("the item was deleted")
        parts = TaskScope.model_validate_json(row["scope"]).context
        return served_part(tx, workspace_id=row["workspace_id"], parts=parts, number=number)

    def progress(self, tx: Transaction, project_id: str) -> ProjectProgress:
        """Return where the work of a project stands, by two statements."""
        states: Counter[TaskState] = Counter()
        totals: Counter[str] = Counter()
        for row in pages.count_progress(tx, project_id):
            if row["is_gold"]:
                totals["gold_tasks"] += row["tasks"]
                totals["gold_submissions"] += row["submissions"]
                continue
            states[TaskState(row["state"])] += row["tasks"]
            for name in ("tasks", "submissions", "open_judgements", "objects"):
                totals[name] += row[name]
        names = ("tasks", "gold_tasks", "submissions", "gold_submissions", "open_judgements", "objects")
        days = _days(pages.count_activity(tx, project_id))
        return ProjectProgress(states=states, days=days, **{name: totals[name] for name in names})

    def activity(self, tx: Transaction, project_id: str) -> list[PersonActivity]:
        """Return what each member did in a project, by one statement; those who did nothing are absent."""
        people = []
        for member_id, group in groupby(
            pages.count_activity(tx, project_id), key=lambda row: row["member_id"]
        ):
            rows = list(group)
            totals: Counter[str] = Counter()
            for row in rows:
                totals[row["what"]] += row["number"]
            people.append(
                PersonActivity(
                    member_id=member_id,
                    name=rows[0]["name"],
                    kind=rows[0]["member_kind"],
                    submissions=totals["submission"],
                    skips=totals["skip"],
                    reviews=totals["review"],
                    active_ms=sum(row["active_ms"] for row in rows),
                    last_ms=max(row["last_ms"] for row in rows),
                    days=_days(rows),
                )
            )
        return people

    # --- for other steps

    def list_resolving(
        self, tx: Transaction, project_id: str, *, after: str = "", limit: int = 10_000_000
    ) -> list[str]:
        """Return the tasks that wait for their consensus, in order of their ids."""
        return tasks.list_resolving(tx, project_id=project_id, after=after, limit=limit)

    def iter_counted(self, project_id: str, *, batch_rows: int = 2000) -> Iterable[list[CountedSubmission]]:
        """Yield the human submissions that count, in batches, gold tasks included; in flat memory."""
        return facts.iter_counted(self.machine.database, project_id, batch_rows=batch_rows)

    def counted_of_tasks(self, tx: Transaction, task_ids: Sequence[str]) -> list[CountedSubmission]:
        """Return the human submissions that count of some tasks, by task and then by time."""
        return submissions.counted_of_tasks(tx, task_ids)

    def counted_ids(self, tx: Transaction, task_ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the ids of the human submissions that count of each task, by time; without their labels."""
        return submissions.counted_ids(tx, task_ids)

    def gold_evidence(self, tx: Transaction, project_id: str) -> list[GoldEvidence]:
        """Return members' answers to hidden gold tasks beside the known answers."""
        return submissions.gold_evidence(tx, project_id)

    def iter_labelled_tasks(
        self, project_id: str, *, batch_tasks: int = 2000
    ) -> Iterable[list[LabelledTask]]:
        """Yield the tasks with a label in force, in batches; in flat memory."""
        return facts.iter_labelled(self.machine.database, project_id, batch_tasks=batch_tasks)

    def open_tasks(self, tx: Transaction, project_id: str) -> list[tuple[str, str]]:
        """Return (task_id, item_id) of the tasks that still ask for judgements, gold left out."""
        return facts.open_tasks(tx, project_id)

    def unlabelled_items(self, tx: Transaction, project_id: str) -> list[str]:
        """Return the items of open tasks for which nobody submitted anything."""
        return facts.unlabelled_items(tx, project_id)

    def count_label_use(self, tx: Transaction, *, project_id: str) -> OntologyUse:
        """Count how labels in force use the ontology; implements ``LabelUsage``."""
        count = 0
        classes: Counter[str] = Counter()
        geometries: Counter[tuple[str, str]] = Counter()
        attributes: Counter[tuple[str | None, str]] = Counter()
        options: Counter[tuple[str | None, str, str]] = Counter()

        def note(class_id: str | None, values: dict[str, Any]) -> None:
            for attribute_id, value in values.items():
                attributes[class_id, attribute_id] += 1
                for option_id in value if isinstance(value, list) else [value]:
                    if isinstance(option_id, str):
                        options[class_id, attribute_id, option_id] += 1

        for text in submissions.labellings_in_force(tx, project_id):
            count += 1
            found = _LABELLING.decode(text)
            note(None, found.answers)
            for entry in found.annotations:
                classes[entry.class_id] += 1
                geometries[entry.class_id, entry.geometry.kind] += 1
                note(entry.class_id, entry.attributes)
        return OntologyUse(count, classes, geometries, attributes, options)


class _Geometry(msgspec.Struct):
    kind: str


class _Annotation(msgspec.Struct):
    class_id: str
    geometry: _Geometry
    attributes: dict[str, Any] = {}


class _Labelling(msgspec.Struct):
    annotations: list[_Annotation] = []
    answers: dict[str, Any] = {}


_LABELLING: Final = msgspec.json.Decoder(_Labelling)


def _task_row(row: Row, *, is_staff: bool, overlap: int) -> dict[str, Any]:
    is_gold = bool(row["is_gold"])
    state = TaskState(row["state"])
    hides = is_gold and not is_staff
    return {
        "task_id": row["task_id"],
        "item_id": row["item_id"],
        "name": row["name"],
        "state": policy.shown_state(state, is_gold=is_gold, overlap=overlap) if hides else state,
        "is_gold": is_gold if is_staff else None,
        "batch_id": row["batch_id"],
        "priority": row["priority"],
        "open_judgements": overlap - 1 if hides else row["open_judgements"],
        "submission_count": 1 if hides else row["submission_count"],
        "consensus_version": 0 if hides else row["consensus_version"],
        "object_count": 0 if hides else row["object_count"],
        "lowest_posterior": None if hides else row["lowest_posterior"],
        "created_ms": row["created_ms"],
        "updated_ms": row["updated_ms"],
    }


def _submissions(rows: Sequence[Row], access: Access, *, is_staff: bool) -> list[dict[str, Any]]:
    letters: dict[str, str] = {}
    shown = []
    for row in rows:
        member_id = row["member_id"]
        is_mine = member_id == access.member_id
        if member_id is None:
            author = row["kind"]
        elif is_staff or is_mine:
            author = row["member_name"]
        else:
            author = letters.setdefault(member_id, author_letter(len(letters)))
        shown.append(
            {
                "submission_id": row["submission_id"],
                "author": author,
                "member_id": member_id if is_staff or is_mine else None,
                "is_mine": is_mine,
                "kind": row["kind"],
                "version": row["version"],
                "is_newest": bool(row["is_newest"]),
                "is_rejected": bool(row["is_rejected"]),
                "model_version_id": row["model_version_id"],
                "labelling": msgspec.Raw(row["labelling"].encode()),
                "ontology_version": row["ontology_version"],
                "instructions_version": row["instructions_version"],
                "active_ms": row["active_ms"],
                "created_ms": row["created_ms"],
            }
        )
    return shown


def _consensus(row: Row) -> dict[str, Any] | None:
    if row["consensus"] is None:
        return None
    return {
        "version": row["consensus_version"],
        "method": row["method"],
        "labelling": msgspec.Raw(row["consensus"].encode()),
        "lowest_posterior": row["lowest_posterior"],
    }


def _review(row: Row, comments: Sequence[dict[str, Any]], *, is_staff: bool) -> dict[str, Any]:
    return {
        "review_id": row["review_id"],
        "reviewer": row["member_name"] if is_staff else None,
        "verdict": row["verdict"],
        "reasons": msgspec.Raw(row["reasons"].encode()),
        "comments": comments,
        "consensus_version": row["consensus_version"],
        "submission_id": row["submission_id"],
        "created_ms": row["created_ms"],
    }


def _event(row: Row) -> dict[str, Any]:
    return {
        "event_id": row["event_id"],
        "kind": row["kind"],
        "who": row["member_name"],
        "detail": json.loads(row["detail"]),
        "at_ms": row["at_ms"],
    }


def _judgement(row: Row) -> dict[str, Any]:
    is_leased = bool(row["is_open"]) and row["member_id"] is not None
    return {
        "judgement_id": row["judgement_id"],
        "stage": row["stage"],
        "member_id": row["member_id"],
        "member_name": row["member_name"],
        "is_open": bool(row["is_open"]),
        "outcome": row["outcome"],
        "skip_reason": row["skip_reason"],
        "claimed_ms": row["claimed_ms"],
        "expires_ms": row["expires_ms"] if is_leased else None,
        "closed_ms": row["closed_ms"],
    }


def _days(rows: Iterable[Row]) -> list[DayOfWork]:
    """Sum rows of ``pages.count_activity`` by day."""
    by_day: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        by_day[row["day"]][row["what"]] += row["number"]
        by_day[row["day"]]["active_ms"] += row["active_ms"]
    return [
        DayOfWork(
            day=datetime.fromtimestamp(day * _DAY_S, UTC).date().isoformat(),
            submissions=counts["submission"],
            skips=counts["skip"],
            reviews=counts["review"],
            active_ms=counts["active_ms"],
        )
        for day, counts in sorted(by_day.items())
    ]
