"""Submissions: versions that are only ever added, and what others read of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from goldsmith.labeling.store.bulk import ids_of, with_ids
from goldsmith.labeling.tables import submissions
from goldsmith.labeling.types import CountedSubmission, GoldEvidence, SubmissionKind
from goldsmith.platform.database import BulkInsert, Row, Sql, Transaction

_INSERT: Final = BulkInsert(
    submissions,
    (
        "submission_id",
        "task_id",
        "project_id",
        "judgement_id",
        "member_id",
        "kind",
        "version",
        "model_version_id",
        "labelling",
        "annotation_count",
        "ontology_version",
        "instructions_version",
        "active_ms",
        "request_key",
        "created_ms",
    ),
)
_BY_REQUEST: Final = Sql(
    """
    SELECT s.submission_id, s.version, s.task_id, s.kind, t.state, t.is_gold, t.project_id
    FROM submissions s JOIN tasks t ON t.task_id = s.task_id
    WHERE s.member_id = :member_id AND s.request_key = :request_key
    """
)
_RETIRE_OF_MEMBER: Final = Sql(
    """
    UPDATE submissions SET is_newest = 0
    WHERE task_id = :task_id AND kind = :kind AND member_id = :member_id AND is_newest = 1 AND is_rejected = 0
    RETURNING judgement_id, version
    """
)
_RETIRE_PREDICTIONS: Final = with_ids(
    """
    UPDATE submissions SET is_newest = 0
    WHERE task_id IN /*ids*/ AND kind = 'prediction' AND is_newest = 1
      AND coalesce(model_version_id, '') = :model_version_id
    RETURNING task_id, version
    """
)
_RETIRE_KIND: Final = with_ids(
    """
    UPDATE submissions SET is_newest = 0
    WHERE task_id IN /*ids*/ AND kind = :kind AND is_newest = 1 RETURNING task_id, version
    """
)
_REJECT: Final = Sql(
    """
    UPDATE submissions SET is_rejected = 1
    WHERE task_id = :task_id AND kind IN ('human', 'fix') AND is_rejected = 0
    """
)

_COUNTED_OF_TASKS: Final = with_ids(
    """
    SELECT s.submission_id, s.task_id, t.item_id, s.member_id, s.labelling, s.ontology_version,
           s.instructions_version, s.active_ms, s.created_ms
    FROM submissions s JOIN tasks t ON t.task_id = s.task_id
    WHERE s.kind = 'human' AND s.is_newest = 1 AND s.is_rejected = 0 AND s.task_id IN /*ids*/
    ORDER BY s.task_id, s.submission_id
    """
)
_COUNTED_IDS: Final = with_ids(
    """
    SELECT s.task_id, s.submission_id FROM submissions s
    WHERE s.kind = 'human' AND s.is_newest = 1 AND s.is_rejected = 0 AND s.task_id IN /*ids*/
    ORDER BY s.task_id, s.submission_id
    """
)
# The order is that of the index of gold tasks, which makes both databases use it.
_GOLD_EVIDENCE: Final = Sql(
    """
    SELECT s.task_id, t.item_id, s.member_id, s.submission_id, s.labelling, s.ontology_version,
           g.submission_id AS gold_submission_id, g.labelling AS gold_labelling,
           g.ontology_version AS gold_ontology_version, s.active_ms, s.created_ms
    FROM tasks t CROSS JOIN submissions g CROSS JOIN submissions s
    WHERE t.project_id = :project_id AND t.is_gold = 1
      AND g.task_id = t.task_id AND g.kind = 'gold' AND g.is_newest = 1
      AND s.task_id = t.task_id AND s.kind = 'human' AND s.is_newest = 1 AND s.is_rejected = 0
    ORDER BY t.gold_uses, t.task_id, s.submission_id
    """
)
# What people and imports said last, predictions left out, and the newest consensus of each task.
_IN_FORCE: Final = Sql(
    """
    SELECT s.labelling FROM submissions s
    WHERE s.project_id = :project_id AND s.kind IN ('human', 'fix', 'imported', 'gold') AND s.is_newest = 1
    UNION ALL
    SELECT c.labelling FROM tasks t
    JOIN consensus c ON c.task_id = t.task_id AND c.version = t.consensus_version
    WHERE t.project_id = :project_id
    """
)


class NewSubmission(NamedTuple):
    """A row to be added; ``labelling`` is JSON text of a core ``Labelling``."""

    submission_id: str
    task_id: str
    project_id: str
    judgement_id: str | None
    member_id: str | None
    kind: str
    version: int
    model_version_id: str | None
    labelling: str
    annotation_count: int
    ontology_version: int
    instructions_version: int
    active_ms: int
    request_key: str | None
    created_ms: int


def insert_submissions(tx: Transaction, rows: Sequence[NewSubmission]) -> None:
    """Add submissions.

    Raises:
        ConflictError: A request key was used before.
    """
    _INSERT.run(tx, rows)


def find_by_request(tx: Transaction, *, member_id: str, request_key: str) -> Row | None:
    """Return the submission that a request made before, with its task's state; None when there is none."""
    return tx.first(_BY_REQUEST, {"member_id": member_id, "request_key": request_key})


def retire_of_member(
    tx: Transaction, *, task_id: str, member_id: str, kind: SubmissionKind = SubmissionKind.HUMAN
) -> Row | None:
    """Make room for a member's next version: return (judgement_id, version) of the one it follows, or None."""
    params = {"task_id": task_id, "member_id": member_id, "kind": kind.value}
    return tx.first(_RETIRE_OF_MEMBER, params)


def retire_predictions(
    tx: Transaction, *, task_ids: Sequence[str], model_version_id: str | None
) -> dict[str, int]:
    """Make room for a model's next versions: return the version each follows, by task."""
    params: dict[str, Any] = {"ids": ids_of(task_ids), "model_version_id": model_version_id or ""}
    return {row["task_id"]: row["version"] for row in tx.all(_RETIRE_PREDICTIONS, params)}


def retire_kind(tx: Transaction, *, task_ids: Sequence[str], kind: SubmissionKind) -> dict[str, int]:
    """Make room for next versions of known answers or imports: return the version each follows, by task."""
    params = {"ids": ids_of(task_ids), "kind": kind.value}
    return {row["task_id"]: row["version"] for row in tx.all(_RETIRE_KIND, params)}


def reject(tx: Transaction, task_id: str) -> int:
    """Stop counting the submissions of a task; they are kept. Return how many they were."""
    return tx.run(_REJECT, {"task_id": task_id})


def counted_of_tasks(tx: Transaction, task_ids: Sequence[str]) -> list[CountedSubmission]:
    """Return what counts of these tasks, by task and then by time."""
    return [_counted(row) for row in tx.all(_COUNTED_OF_TASKS, {"ids": ids_of(task_ids)})]


def counted_ids(tx: Transaction, task_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids of what counts of each of these tasks, by time; tasks with nothing are absent."""
    found: dict[str, list[str]] = {}
    for row in tx.all(_COUNTED_IDS, {"ids": ids_of(task_ids)}):
        found.setdefault(row["task_id"], []).append(row["submission_id"])
    return found


def gold_evidence(tx: Transaction, project_id: str) -> list[GoldEvidence]:
    """Return members' answers to gold tasks beside the known answers."""
    rows = tx.all(_GOLD_EVIDENCE, {"project_id": project_id})
    return [GoldEvidence(*(row[name] for name in GoldEvidence._fields)) for row in rows]


def labellings_in_force(tx: Transaction, project_id: str) -> Iterator[str]:
    """Yield the JSON text of all labellings in force: newest submissions but predictions, newest consensus."""
    for row in tx.stream(_IN_FORCE, {"project_id": project_id}):
        yield row["labelling"]


def _counted(row: Row) -> CountedSubmission:
    return CountedSubmission(*(row[name] for name in CountedSubmission._fields))
