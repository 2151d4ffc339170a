"""What leads answered for many items at once, and the labels in force beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from goldsmith.core.annotations import AttributeValue
from goldsmith.labeling.store.bulk import ids_of, with_ids
from goldsmith.platform.database import Sql, Transaction

_STANDING: Final = with_ids(
    """
    SELECT t.task_id, c.labelling FROM tasks t
    JOIN consensus c ON c.task_id = t.task_id AND c.version = t.consensus_version
    WHERE t.task_id IN /*ids*/
    """
)
_SAID: Final = with_ids(
    """
    SELECT s.submission_id, s.task_id, s.member_id, s.version, s.labelling, s.ontology_version FROM submissions s
    WHERE s.task_id IN /*ids*/ AND s.kind = 'bulk' AND s.is_newest = 1 ORDER BY s.submission_id
    """
)
_RETIRE: Final = with_ids(
    """
    UPDATE submissions SET is_newest = 0
    WHERE task_id IN /*ids*/ AND kind = 'bulk' AND member_id = :member_id AND is_newest = 1
    """
)
_VERSIONS: Final = with_ids(
    """
    SELECT s.task_id, max(s.version) AS version FROM submissions s
    WHERE s.task_id IN /*ids*/ AND s.kind = 'bulk' AND s.member_id = :member_id GROUP BY s.task_id
    """
)
_WITHDRAW: Final = with_ids(
    """
    UPDATE submissions SET is_newest = 0, is_rejected = 1
    WHERE task_id IN /*ids*/ AND kind = 'bulk' AND is_newest = 1 AND is_rejected = 0 AND member_id = :member_id
      AND request_key = :change_id || ':' || task_id
    RETURNING task_id
    """
)
_REVIVE: Final = with_ids(
    """
    UPDATE submissions SET is_newest = 1
    WHERE task_id IN /*ids*/ AND kind = 'bulk' AND member_id = :member_id AND is_rejected = 0
      AND version = (SELECT max(v.version) FROM submissions v WHERE v.task_id = submissions.task_id
                     AND v.kind = 'bulk' AND v.member_id = :member_id AND v.is_rejected = 0)
    """
)
_FORGET_ANSWERED: Final = with_ids(
    """
    UPDATE tasks SET consensus_version = 0, object_count = 0, lowest_posterior = NULL
    WHERE task_id IN /*ids*/ AND (SELECT c.method FROM consensus c WHERE c.task_id = tasks.task_id
                                  AND c.version = tasks.consensus_version) = :method
    """
)
_IN_FORCE: Final = with_ids(
    """
    SELECT t.task_id, c.labelling, c.ontology_version, s.labelling AS given, s.ontology_version AS given_version
    FROM tasks t LEFT JOIN consensus c ON c.task_id = t.task_id AND c.version = t.consensus_version
    LEFT JOIN submissions s ON s.submission_id = (
        SELECT max(n.submission_id) FROM submissions n WHERE n.task_id = t.task_id
        AND n.kind IN ('human', 'imported') AND n.is_newest = 1 AND n.is_rejected = 0)
    WHERE t.task_id IN /*ids*/
    """
)
_CANCELLED_BATCHES: Final = Sql(
    "SELECT batch_id FROM batches WHERE project_id = :project_id AND state = 'cancelled'"
)


class Said(NamedTuple):
    """What a lead answered for a task; ``labelling`` is JSON text with answers alone."""

    submission_id: str
    task_id: str
    member_id: str
    version: int
    labelling: str
    ontology_version: int


class LabelsInForce(NamedTuple):
    """The labels in force of a task: the newest consensus, else what was handed in last; JSON text."""

    task_id: str
    labelling: str
    ontology_version: int


def answers_standing(tx: Transaction, task_ids: Sequence[str]) -> dict[str, dict[str, AttributeValue]]:
    """Return the answers of the newest consensus of each task that has one."""
    rows = tx.all(_STANDING, {"ids": ids_of(task_ids)})
    return {row["task_id"]: json.loads(row["labelling"]).get("answers", {}) for row in rows}


def said_of(tx: Transaction, task_ids: Sequence[str]) -> dict[str, list[Said]]:
    """Return what leads answered for each task, oldest first; tasks without any are absent."""
    found: dict[str, list[Said]] = {}
    for row in tx.all(_SAID, {"ids": ids_of(task_ids)}):
        entry = Said(*(row[name] for name in Said._fields))
        found.setdefault(entry.task_id, []).append(entry)
    return found


def make_room(tx: Transaction, task_ids: Sequence[str], *, member_id: str) -> dict[str, int]:
    """Retire what a member answered before; return the version that the next follows, by task."""
    params: dict[str, Any] = {"ids": ids_of(task_ids), "member_id": member_id}
    tx.run(_RETIRE, params)
    return {row["task_id"]: row["version"] for row in tx.all(_VERSIONS, params)}


def withdraw(tx: Transaction, task_ids: Sequence[str], *, member_id: str, change_id: str) -> list[str]:
    """Take a member's answers back, where they are the newest, in favour of those before; return the tasks."""
    params: dict[str, Any] = {"ids": ids_of(task_ids), "member_id": member_id, "change_id": change_id}
    withdrawn = [row["task_id"] for row in tx.all(_WITHDRAW, params)]
    tx.run(_REVIVE, {"ids": ids_of(withdrawn), "member_id": member_id})
    return withdrawn


def forget_answered(tx: Transaction, task_ids: Sequence[str], *, method: str) -> None:
    """Let tasks be without labels again that have none but of a method; the versions stay on record."""
    if task_ids:
        tx.run(_FORGET_ANSWERED, {"ids": ids_of(task_ids), "method": method})


def labels_in_force(tx: Transaction, task_ids: Sequence[str]) -> list[LabelsInForce]:
    """Return the labels in force of those tasks that have some."""
    found = []
    for row in tx.all(_IN_FORCE, {"ids": ids_of(task_ids)}):
        if row["labelling"] is not None:
            found.append(LabelsInForce(row["task_id"], row["labelling"], row["ontology_version"]))
        elif row["given"] is not None:
            found.append(LabelsInForce(row["task_id"], row["given"], row["given_version"]))
    return found


def cancelled_batches(tx: Transaction, project_id: str) -> set[str]:
    """Return the cancelled batches of a project."""
    return {row["batch_id"] for row in tx.all(_CANCELLED_BATCHES, {"project_id": project_id})}
