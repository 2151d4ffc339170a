"""SQL of people: who is assigned to which project, groups, and the team of test mode."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from goldsmith.compat.scale_v1.store.lists import as_list, in_list
from goldsmith.platform.database import Row, Sql, Transaction

_ASSIGNED: Final = Sql(
    """
    SELECT u.email, p.name FROM scale_projects p
    JOIN project_members pm ON pm.project_id = p.project_id
    JOIN members m ON m.member_id = pm.member_id AND m.removed_ms IS NULL
    JOIN users u ON u.user_id = m.user_id
    WHERE p.workspace_id = :workspace_id AND p.is_test = 0 ORDER BY u.email, p.created_ms, p.name
    """
)
_MEMBERS: Final = tuple(
    "SELECT u.email, m.member_id, m.role FROM members m JOIN users u ON u.user_id = m.user_id "  # noqa: S608
    f"WHERE m.workspace_id = :workspace_id AND m.removed_ms IS NULL AND u.email {emails}"
    for emails in in_list("emails")
)
_BY_EMAILS: Final = Sql(_MEMBERS[0], postgresql=_MEMBERS[1])
_EMAIL_OF: Final = Sql(
    "SELECT u.email FROM members m JOIN users u ON u.user_id = m.user_id WHERE m.member_id = :member_id"
)
_TEST_TEAM: Final = Sql("SELECT * FROM scale_test_people WHERE workspace_id = :workspace_id ORDER BY email")
_PUT_TEST: Final = Sql(
    """
    INSERT INTO scale_test_people (workspace_id, email, role, project_ids)
    VALUES (:workspace_id, :email, :role, :project_ids)
    ON CONFLICT (workspace_id, email) DO UPDATE SET role = excluded.role, project_ids = excluded.project_ids
    """
)
_GROUPS: Final = Sql(
    """
    SELECT g.group_id, g.name, p.email, m.member_id FROM scale_groups g
    LEFT JOIN scale_group_people p ON p.group_id = g.group_id
    LEFT JOIN users u ON u.email = p.email
    LEFT JOIN members m ON m.user_id = u.user_id AND m.workspace_id = :workspace_id AND m.removed_ms IS NULL
    WHERE g.project_id = :project_id AND (:name = '' OR g.name = :name)
    ORDER BY g.created_ms, g.group_id, p.email
    """
)
# SQLite has one writer; there is nothing to exclude.
_HOLD_GROUPS: Final = Sql(
    "SELECT 1 AS held",
    postgresql="SELECT 1 AS held FROM scale_projects "  # noqa: S608
    f"WHERE project_id {in_list('project_ids')[1]} ORDER BY project_id FOR NO KEY UPDATE",
)
_INSERT_GROUP: Final = Sql(
    "INSERT INTO scale_groups (group_id, project_id, name, created_ms) "
    "VALUES (:group_id, :project_id, :name, :created_ms)"
)
_JOIN_GROUP: Final = Sql(
    "INSERT INTO scale_group_people (group_id, email) VALUES (:group_id, :email) ON CONFLICT DO NOTHING"
)
_LEAVE_GROUP: Final = Sql("DELETE FROM scale_group_people WHERE group_id = :group_id AND email = :email")
_CLEAR_GROUP: Final = Sql("DELETE FROM scale_batch_groups WHERE group_id = :group_id")
_BATCHES_OF_MEMBER: Final = tuple(
    "SELECT DISTINCT b.batch_id, b.project_id FROM members m JOIN users u ON u.user_id = m.user_id "  # noqa: S608
    "JOIN scale_group_people p ON p.email = u.email JOIN scale_batch_groups g ON g.group_id = p.group_id "
    f"JOIN scale_batches b ON b.batch_id = g.batch_id WHERE m.member_id = :member_id AND b.project_id {ids}"
    for ids in in_list("project_ids")
)
_BATCHES_OF_NEWCOMER: Final = Sql(_BATCHES_OF_MEMBER[0], postgresql=_BATCHES_OF_MEMBER[1])
_PROJECTS_OF: Final = Sql(
    """
    SELECT p.name FROM users u JOIN members m ON m.user_id = u.user_id AND m.removed_ms IS NULL
    JOIN project_members pm ON pm.member_id = m.member_id
    JOIN scale_projects p ON p.project_id = pm.project_id AND p.is_test = 0
    WHERE u.email = :email AND m.workspace_id = :workspace_id ORDER BY p.name
    """
)
_CLEAR_BATCH: Final = Sql("DELETE FROM scale_batch_groups WHERE batch_id = :batch_id")
_JOIN_BATCH: Final = Sql(
    "INSERT INTO scale_batch_groups (batch_id, group_id) VALUES (:batch_id, :group_id) ON CONFLICT DO NOTHING"
)
_OF_BATCHES: Final = tuple(
    "SELECT b.batch_id, g.name FROM scale_batch_groups b JOIN scale_groups g ON g.group_id = b.group_id "  # noqa: S608
    f"WHERE b.batch_id {ids} ORDER BY g.created_ms, g.group_id"
    for ids in in_list("batch_ids")
)
_GROUPS_OF_BATCHES: Final = Sql(_OF_BATCHES[0], postgresql=_OF_BATCHES[1])
_BATCHES_OF_GROUP: Final = Sql("SELECT batch_id FROM scale_batch_groups WHERE group_id = :group_id")
_MEMBERS_OF_BATCH: Final = Sql(
    """
    SELECT DISTINCT m.member_id FROM scale_batch_groups b
    JOIN scale_group_people p ON p.group_id = b.group_id
    JOIN users u ON u.email = p.email
    JOIN members m ON m.user_id = u.user_id AND m.workspace_id = :workspace_id AND m.removed_ms IS NULL
    WHERE b.batch_id = :batch_id ORDER BY m.member_id
    """
)


class Group(NamedTuple):
    """A group of labelers; each person is an e-mail address and, once a member, an id."""

    group_id: str
    name: str
    people: tuple[tuple[str, str | None], ...]


class TestPerson(NamedTuple):
    """Somebody of the team of test mode."""

    email: str
    role: str
    project_ids: list[str]


def assignments(tx: Transaction, workspace_id: str) -> dict[str, list[str]]:
    """Return the names of the projects that each member was added to, by e-mail address, by one statement."""
    found: dict[str, list[str]] = {}
    for row in tx.all(_ASSIGNED, {"workspace_id": workspace_id}):
        found.setdefault(row["email"], []).append(row["name"])
    return found


def members_by_email(tx: Transaction, workspace_id: str, emails: Iterable[str]) -> dict[str, Row]:
    """Return members with ``member_id`` and ``role``, by e-mail address, by one statement."""
    rows = tx.all(_BY_EMAILS, {"workspace_id": workspace_id, "emails": as_list(emails)})
    return {row["email"]: row for row in rows}


def email_of(tx: Transaction, member_id: str) -> str | None:
    """Return the e-mail address of a member; None for services."""
    found: str | None = tx.scalar(_EMAIL_OF, {"member_id": member_id})
    return found


def test_team(tx: Transaction, workspace_id: str) -> list[TestPerson]:
    """Return the team of test mode."""
    return [
        TestPerson(row["email"], row["role"], json.loads(row["project_ids"]))
        for row in tx.all(_TEST_TEAM, {"workspace_id": workspace_id})
    ]


def put_test_people(tx: Transaction, workspace_id: str, people: Sequence[TestPerson]) -> None:
    """Add people to the team of test mode, or change them."""
    tx.many(
        _PUT_TEST,
        [
            {
                "workspace_id": workspace_id,
                "email": person.email,
                "role": person.role,
                "project_ids": json.dumps(person.project_ids),
            }
            for person in people
        ],
    )


def list_groups(tx: Transaction, *, workspace_id: str, project_id: str, name: str = "") -> list[Group]:
    """Return the groups of a project (or the one of that name) with their people, by one statement."""
    names: dict[str, str] = {}
    people: dict[str, list[tuple[str, str | None]]] = {}
    rows = tx.all(_GROUPS, {"workspace_id": workspace_id, "project_id": project_id, "name": name})
    for row in rows:
        names[row["group_id"]] = row["name"]
        own = people.setdefault(row["group_id"], [])
        if row["email"] is not None:
            own.append((row["email"], row["member_id"]))
    return [Group(group_id, name_, tuple(people[group_id])) for group_id, name_ in names.items()]


def hold_groups(tx: Transaction, project_ids: Iterable[str]) -> None:
    """Let whoever else changes who labels what in these projects wait until this transaction ends.

    Before anything is put on the audit log, which others who hold projects wait for.
    """
    tx.all(_HOLD_GROUPS, {"project_ids": as_list(project_ids)})


def insert_group(tx: Transaction, *, group_id: str, project_id: str, name: str, now_ms: int) -> None:
    """Store a group; a name that is taken in the project raises ConflictError."""
    tx.run(
        _INSERT_GROUP, {"group_id": group_id, "project_id": project_id, "name": name, "created_ms": now_ms}
    )


def change_group(tx: Transaction, group_id: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
    """Put people into a group and take others out."""
    tx.many(_LEAVE_GROUP, [{"group_id": group_id, "email": email} for email in remove])
    tx.many(_JOIN_GROUP, [{"group_id": group_id, "email": email} for email in add])


def put_batch_groups(tx: Transaction, batch_id: str, group_ids: Sequence[str]) -> None:
    """Make these the groups of a batch."""
    tx.run(_CLEAR_BATCH, {"batch_id": batch_id})
    tx.many(_JOIN_BATCH, [{"batch_id": batch_id, "group_id": group_id} for group_id in group_ids])


def groups_of_batches(tx: Transaction, batch_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the names of the groups of batches, by one statement."""
    found: dict[str, list[str]] = {}
    for row in tx.all(_GROUPS_OF_BATCHES, {"batch_ids": as_list(batch_ids)}):
        found.setdefault(row["batch_id"], []).append(row["name"])
    return found


def batches_of_group(tx: Transaction, group_id: str) -> list[str]:
    """Return the batches that a group was assigned to."""
    return [row["batch_id"] for row in tx.all(_BATCHES_OF_GROUP, {"group_id": group_id})]


def members_of_batch(tx: Transaction, *, workspace_id: str, batch_id: str) -> list[str]:
    """Return the members who are in any of the groups of a batch."""
    params = {"workspace_id": workspace_id, "batch_id": batch_id}
    return [row["member_id"] for row in tx.all(_MEMBERS_OF_BATCH, params)]


def put_group_batches(tx: Transaction, group_id: str, batch_ids: Sequence[str]) -> None:
    """Make these the batches that a group was assigned to."""
    tx.run(_CLEAR_GROUP, {"group_id": group_id})
    tx.many(_JOIN_BATCH, [{"batch_id": batch_id, "group_id": group_id} for batch_id in batch_ids])


def batches_of_newcomer(tx: Transaction, member_id: str, project_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Return (batch, project) of the batches in these projects that are for a group which a member is in."""
    params = {"member_id": member_id, "project_ids": as_list(project_ids)}
    return [(row["batch_id"], row["project_id"]) for row in tx.all(_BATCHES_OF_NEWCOMER, params)]


def projects_of(tx: Transaction, *, workspace_id: str, email: str) -> list[str]:
    """Return the names of the projects that a member was added to."""
    rows = tx.all(_PROJECTS_OF, {"workspace_id": workspace_id, "email": email})
    return [row["name"] for row in rows]
