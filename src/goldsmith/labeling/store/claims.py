"""Claiming the next judgement, and what its holder is shown.

SQLite claims by one statement and reads by another; PostgreSQL does both in one, since a message to it costs more than
the work it asks for.
"""

from __future__ import annotations

from typing import Any, Final

from goldsmith.items.api import ITEM_BODY
from goldsmith.labeling.types import Stage
from goldsmith.platform.database import Row, Sql, Transaction

# --- what is shown; columns are named as the wire names them. Gold answers never appear here

_COLUMNS: Final = f"""
    j.judgement_id, j.token, j.available_ms AS expires_ms, j.stage,
    t.task_id, t.project_id, t.state, t.is_gold, t.batch_id, t.consensus_version, t.scope,
    i.item_id, i.name, i.kind, i.width_px, i.height_px, i.group_key, i.metadata, i.deleted_ms,
    {ITEM_BODY},
    p.state AS project_state, p.ontology_version, p.instructions_version, p.workflow_version,
    p.quality_version,
    d.body AS draft_body, d.revision AS draft_revision, d.saved_ms AS draft_saved_ms,
    d.line_count AS draft_lines,
    st.state AS standing, st.reason AS standing_reason, st.gold_rate AS own_gold_rate, st.passed_ms,
    (SELECT s.ontology_version || ':' || s.labelling FROM submissions s
     WHERE s.task_id = t.task_id AND s.kind = 'prediction' AND s.is_newest = 1
     ORDER BY s.submission_id DESC LIMIT 1) AS prelabel
"""  # noqa: S608  a constant
_TABLES: Final = """
    JOIN tasks t ON t.task_id = j.task_id
    JOIN items i ON i.item_id = t.item_id
    JOIN projects p ON p.project_id = t.project_id
    LEFT JOIN drafts d ON d.task_id = t.task_id AND d.member_id = j.member_id
    LEFT JOIN standings st ON st.project_id = j.project_id AND st.member_id = j.member_id
"""
# "+ 0": a bare parameter compared to a column that a partial index has a condition on makes SQLite look at its value
# to choose the plan, and so plan anew at every run, which takes ten times as long as the run itself
_HELD: Final = """
    (SELECT count(*) FROM judgements h
     WHERE h.member_id = j.member_id AND h.project_id = j.project_id AND h.is_open = 1
       AND h.available_ms > :now_ms + 0 AND h.judgement_id <> j.judgement_id) AS held_beside
"""
# A reviewer's has a row for each submission in force; without any, the submission's columns are null.
_REVIEW_COLUMNS: Final = """
    c.labelling AS consensus, c.ontology_version AS consensus_ontology, s.submission_id, s.version, s.labelling,
    s.ontology_version AS labelling_ontology, s.active_ms, s.created_ms
"""
_REVIEW_TABLES: Final = """
    LEFT JOIN consensus c ON c.task_id = t.task_id AND c.version = t.consensus_version
    LEFT JOIN submissions s ON s.task_id = t.task_id AND s.kind = 'human' AND s.is_newest = 1
                           AND s.is_rejected = 0
"""
_LABEL_PAYLOAD: Final = f"SELECT {_COLUMNS}, {_HELD} FROM {{source}} j {_TABLES}"  # noqa: S608  constants
_REVIEW_PAYLOAD: Final = (
    f"SELECT {_COLUMNS}, {_HELD}, {_REVIEW_COLUMNS} FROM {{source}} j {_TABLES} {_REVIEW_TABLES}"  # noqa: S608  constants
)
_PAYLOADS: Final = {Stage.LABEL: _LABEL_PAYLOAD, Stage.REVIEW: _REVIEW_PAYLOAD}
_ORDERS: Final = {Stage.LABEL: "", Stage.REVIEW: " ORDER BY s.submission_id"}
_MINE: Final = Sql(
    f"SELECT {_COLUMNS}, {_REVIEW_COLUMNS} FROM judgements j {_TABLES} {_REVIEW_TABLES} "  # noqa: S608  constants
    "WHERE j.member_id = :member_id AND j.project_id = :project_id AND j.is_open = 1 "
    "ORDER BY j.claimed_ms, j.judgement_id, s.submission_id"
)

# --- the claim

_FRONTIER: Final = (
    "FROM frontiers f WHERE f.project_id = :project_id AND f.stage = '{stage}' AND f.member_id = :member_id"
)
# A label: whoever held any judgement of the task is out; an own lease that ended may be taken up again.
# A review: whoever labelled the task is out, and whoever passed this review over.
# Not NOT EXISTS, which PostgreSQL may turn into a join: with statistics of a time when nobody had judged anything, it
# reads the whole table for each claim (8 ms at 50,000). A subquery for a value stays a look into the index.
_NOT_MET: Final = {
    Stage.LABEL: "(SELECT 1 FROM judgements o WHERE o.task_id = {row}.task_id AND o.member_id = :member_id "
    "AND o.judgement_id <> {row}.judgement_id LIMIT 1) IS NULL",
    Stage.REVIEW: "(SELECT 1 FROM judgements o WHERE o.task_id = {row}.task_id AND o.member_id = :member_id "
    "AND (o.stage = 'label' OR o.outcome = 'skipped') LIMIT 1) IS NULL",
}
# What a batch that waits holds is passed over; so is, to label, a batch for some members only, by anybody else.
_FOR_OTHERS: Final = (
    "b.is_for_some = 1 AND (SELECT 1 FROM batch_members bm "
    "WHERE bm.batch_id = b.batch_id AND bm.member_id = :member_id) IS NULL"
)
_FORBIDDEN: Final = {
    Stage.LABEL: f"b.state <> 'open' OR {_FOR_OTHERS}",
    Stage.REVIEW: "b.state <> 'open'",
}
_ALLOWED: Final = (
    "(SELECT 1 FROM tasks t JOIN batches b ON b.batch_id = t.batch_id "
    "WHERE t.task_id = {row}.task_id AND ({forbidden})) IS NULL"
)
# Fresh judgements of a batch that waits are not in their queue. The first look is one for the whole claim.
_NONE_FOR_SOME: Final = (
    "(SELECT 1 FROM batches n WHERE n.project_id = :project_id AND n.is_for_some = 1 LIMIT 1) IS NULL"
)
_FRESH_ALLOWED: Final = {
    Stage.LABEL: " OR ".join((_NONE_FOR_SOME, _ALLOWED.format(row="j", forbidden=_FOR_OTHERS))),
    Stage.REVIEW: "1 = 1",
}
# What is reserved for the skilled goes first, for them: looked for only where the member's standing has a tier. Then
# what came back (released, its lease or its reservation ended), then the first fresh judgement; both walks begin where
# the member's frontier says and are cut short by LIMIT 1. On SQLite the one writer excludes others; on PostgreSQL
# FOR UPDATE SKIP LOCKED passes over rows that are being claimed and re-checks those that were.
_CLAIM: Final = """
    UPDATE judgements SET member_id = :member_id, available_ms = :until_ms, token = token + 1, claimed_ms = :now_ms,
                          origin_ms = CASE WHEN available_ms > :now_ms + 0 THEN NULL ELSE available_ms END
    WHERE judgement_id = coalesce(
        (SELECT v.judgement_id FROM standings k CROSS JOIN judgements v
         WHERE k.project_id = :project_id AND k.member_id = :member_id AND k.state = 'active' AND k.tier > 0
           AND v.project_id = :project_id AND v.stage = '{stage}' AND v.is_open = 1 AND v.tier > 0
           AND v.tier <= k.tier AND v.member_id IS NULL AND v.available_ms > :now_ms + 0
           AND {reserved_not_met}
           AND {reserved_allowed}
         ORDER BY v.rank, v.position, v.judgement_id LIMIT 1 {lock_reserved}),
        (SELECT r.judgement_id FROM judgements r
         WHERE r.project_id = :project_id AND r.stage = '{stage}' AND r.is_open = 1 AND r.available_ms > 0
           AND r.available_ms > coalesce((SELECT f.returned_ms {frontier}), 0) AND r.available_ms <= :now_ms + 0
           AND {returned_not_met}
           AND {returned_allowed}
         ORDER BY r.available_ms, r.judgement_id LIMIT 1 {lock_returned}),
        (SELECT j.judgement_id FROM judgements j
         WHERE j.project_id = :project_id AND j.stage = '{stage}' AND j.is_open = 1 AND j.available_ms = 0
           AND (j.rank, j.position) >= (coalesce((SELECT f.rank {frontier}), -2000000000),
                                        coalesce((SELECT f.position {frontier}), -1e300))
           AND {fresh_not_met}
           AND ({fresh_allowed})
         ORDER BY j.rank, j.position, j.judgement_id LIMIT 1 {lock_fresh}))
"""
# A gold task is an extra judgement, leased as it is made; the one used least goes first.
_CLAIM_GOLD: Final = f"""
    INSERT INTO judgements (judgement_id, task_id, project_id, stage, is_open, rank, position, available_ms,
                            member_id, token, claimed_ms)
    SELECT :judgement_id, t.task_id, t.project_id, 'label', 1, -t.priority, t.position, :until_ms,
           :member_id, 1, :now_ms
    FROM tasks t
    WHERE t.project_id = :project_id AND t.is_gold = 1 AND t.state = 'idle'
      AND (SELECT 1 FROM judgements o WHERE o.task_id = t.task_id AND o.member_id = :member_id LIMIT 1) IS NULL
      AND (SELECT 1 FROM batches b WHERE b.batch_id = t.batch_id AND {_FOR_OTHERS}) IS NULL
    ORDER BY t.gold_uses, t.task_id LIMIT 1
"""  # noqa: S608  a constant
# SQLite has one writer; there is nothing to exclude.
_EXCLUDE: Final = Sql(
    "SELECT 1 AS held", postgresql="SELECT pg_advisory_xact_lock(hashtextextended(:key, 0)) IS NULL AS held"
)


def _claim_text(
    stage: Stage, *, lock_reserved: str = "", lock_returned: str = "", lock_fresh: str = ""
) -> str:
    return _CLAIM.format(
        stage=stage.value,
        frontier=_FRONTIER.format(stage=stage.value),
        reserved_not_met=_NOT_MET[stage].format(row="v"),
        reserved_allowed=_ALLOWED.format(row="v", forbidden=_FORBIDDEN[stage]),
        returned_allowed=_ALLOWED.format(row="r", forbidden=_FORBIDDEN[stage]),
        fresh_allowed=_FRESH_ALLOWED[stage],
        lock_reserved=lock_reserved,
        returned_not_met=_NOT_MET[stage].format(row="r"),
        fresh_not_met=_NOT_MET[stage].format(row="j"),
        lock_returned=lock_returned,
        lock_fresh=lock_fresh,
    )


class _Claim:
    """A claim with what is shown: two statements on SQLite, one on PostgreSQL."""

    def __init__(self, stage: Stage, claiming: str, claiming_postgresql: str) -> None:
        payload = _PAYLOADS[stage]
        self._claim = Sql(f"{claiming} RETURNING judgement_id")
        self._show = Sql(
            payload.format(source="judgements") + " WHERE j.judgement_id = :judgement_id" + _ORDERS[stage]
        )
        self._both = Sql(
            f"WITH claimed AS ({claiming_postgresql} RETURNING *) "
            + payload.format(source="claimed")
            + _ORDERS[stage]
        )

    def run(self, tx: Transaction, params: dict[str, Any]) -> list[Row]:
        """Return what is shown of the judgement claimed; empty when nothing was."""
        if tx.dialect == "postgresql":
            return tx.all(self._both, params)
        claimed = tx.first(self._claim, params)
        if claimed is None:
            return []
        return self.show(tx, judgement_id=claimed["judgement_id"], now_ms=params["now_ms"])

    def show(self, tx: Transaction, *, judgement_id: str, now_ms: int) -> list[Row]:
        """Return what is shown of a judgement."""
        return tx.all(self._show, {"judgement_id": judgement_id, "now_ms": now_ms})


_CLAIMS: Final = {
    stage: _Claim(
        stage,
        _claim_text(stage),
        _claim_text(
            stage,
            lock_reserved="FOR UPDATE OF v SKIP LOCKED",
            lock_returned="FOR UPDATE OF r SKIP LOCKED",
            lock_fresh="FOR UPDATE OF j SKIP LOCKED",
        ),
    )
    for stage in Stage
}
_GOLD: Final = _Claim(Stage.LABEL, _CLAIM_GOLD, _CLAIM_GOLD)


def claim(
    tx: Transaction, *, project_id: str, stage: Stage, member_id: str, now_ms: int, until_ms: int
) -> list[Row]:
    """Lease the next judgement to a member and return what is shown of it.

    Returns:
        One row to label, one for each submission to review; empty when nothing is left for this member.

    Raises:
        ConflictError: Two claims of the same member met at one task (PostgreSQL only); try again.
    """
    params = {"project_id": project_id, "member_id": member_id, "now_ms": now_ms, "until_ms": until_ms}
    return _CLAIMS[stage].run(tx, params)


def show(tx: Transaction, *, judgement_id: str, now_ms: int) -> list[Row]:
    """Return what is shown of a judgement to label, whoever holds it."""
    return _GOLD.show(tx, judgement_id=judgement_id, now_ms=now_ms)


def claim_gold(
    tx: Transaction, *, project_id: str, member_id: str, judgement_id: str, now_ms: int, until_ms: int
) -> list[Row]:
    """Lease a hidden gold task that the member has not met; as ``claim``."""
    params = {"project_id": project_id, "member_id": member_id, "now_ms": now_ms, "until_ms": until_ms}
    return _GOLD.run(tx, {**params, "judgement_id": judgement_id})


def read_mine(tx: Transaction, *, project_id: str, member_id: str) -> list[Row]:
    """Return what is shown of all judgements that a member holds in a project, those of one judgement together."""
    return tx.all(_MINE, {"project_id": project_id, "member_id": member_id})


def exclude_own_claims(tx: Transaction, *, project_id: str, member_id: str) -> None:
    """Let other claims of this member that say so too wait until this transaction ends."""
    tx.first(_EXCLUDE, {"key": f"{project_id} {member_id}"})
