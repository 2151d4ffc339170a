"""The queue: holding, closing and asking for judgements, and how far each member has walked down it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from goldsmith.labeling.store.handing_in import HandedIn
from goldsmith.labeling.tables import judgements
from goldsmith.labeling.types import Outcome, Stage
from goldsmith.platform.database import BulkInsert, Row, Sql, Transaction

RACE_MARGIN_MS: Final = 10_000
"""Work that came back within this time before a claim may not have been visible to it; it is looked at again."""

START_OVER_MS: Final = 60_000
"""A member for whom nothing is left walks the whole queue again at most this often."""

# The stage is literal: as a parameter it would make SQLite plan anew at every run (see claims.py).
_CLOSE: Final = {
    stage: Sql(
        f"""
        UPDATE judgements SET is_open = 0, outcome = :outcome, skip_reason = :skip_reason, closed_ms = :now_ms
        WHERE judgement_id = :judgement_id AND member_id = :member_id AND token = :token
          AND stage = '{stage.value}' AND is_open = 1
        RETURNING task_id, project_id, rank, position, claimed_ms, origin_ms
        """  # noqa: S608  a constant
    )
    for stage in Stage
}
_RENEW: Final = Sql(
    """
    UPDATE judgements SET available_ms = :until_ms
    WHERE judgement_id = :judgement_id AND member_id = :member_id AND token = :token AND is_open = 1
    """
)
_TAKE_REVIEW: Final = Sql(
    """
    UPDATE judgements SET member_id = :member_id, available_ms = :until_ms, token = token + 1, claimed_ms = :now_ms,
                          origin_ms = CASE WHEN available_ms > :now_ms + 0 THEN NULL ELSE available_ms END, is_open = 1
    WHERE judgement_id = (SELECT v.judgement_id FROM judgements v WHERE v.task_id = :task_id AND v.stage = 'review'
                          AND v.is_open IN (1, 2) ORDER BY v.judgement_id LIMIT 1)
    RETURNING judgement_id, token
    """
)
_RELEASE: Final = Sql(
    """
    UPDATE judgements SET available_ms = :now_ms, member_id = NULL
    WHERE judgement_id = :judgement_id AND member_id = :member_id AND token = :token AND is_open = 1
    RETURNING task_id, project_id, stage,
        (SELECT t.is_gold FROM tasks t WHERE t.task_id = judgements.task_id) AS is_gold
    """
)
_JUDGEMENT: Final = Sql(
    """
    SELECT judgement_id, task_id, project_id, stage, is_open, member_id, token, outcome
    FROM judgements WHERE judgement_id = :judgement_id
    """
)
_WITHDRAW_ONE: Final = Sql(
    """
    UPDATE judgements SET is_open = 0, outcome = 'withdrawn', closed_ms = :now_ms, member_id = NULL
    WHERE judgement_id = :judgement_id AND is_open <> 0
    """
)
_COUNT_SKIPS: Final = Sql(
    """
    SELECT count(*) AS skips FROM judgements
    WHERE task_id = :task_id AND stage = 'label' AND outcome = 'skipped'
    """
)

_RAISE_FRONTIER: Final = Sql(
    """
    INSERT INTO frontiers (project_id, stage, member_id, rank, position, returned_ms, lowered_ms)
    VALUES (:project_id, :stage, :member_id, :rank, :position, :returned_ms, 0)
    ON CONFLICT (project_id, stage, member_id) DO UPDATE
    SET rank = excluded.rank, position = excluded.position, returned_ms = excluded.returned_ms
    WHERE (excluded.rank, excluded.position) >= (frontiers.rank, frontiers.position)
      AND frontiers.lowered_ms < :claimed_ms
    """
)
_RAISE_RETURNED: Final = Sql(
    """
    UPDATE frontiers SET returned_ms = :returned_ms
    WHERE project_id = :project_id AND stage = :stage AND member_id = :member_id
      AND returned_ms < :returned_ms AND lowered_ms < :claimed_ms
    """
)
_LOWER_FRONTIERS: Final = Sql(
    """
    UPDATE frontiers SET rank = :rank, position = :position, lowered_ms = :now_ms
    WHERE project_id = :project_id AND stage = :stage AND (rank, position) > (:rank, :position)
    """
)
_START_OVER: Final = Sql(
    """
    UPDATE frontiers SET rank = -2000000000, position = -1e300, returned_ms = 0, lowered_ms = :now_ms
    WHERE project_id = :project_id AND stage = :stage AND member_id = :member_id AND lowered_ms <= :not_since_ms
    """
)
_ALL_START_OVER: Final = Sql(
    """
    UPDATE frontiers SET rank = -2000000000, position = -1e300, returned_ms = 0, lowered_ms = :now_ms
    WHERE project_id = :project_id
    """
)

INSERT_JUDGEMENTS: Final = BulkInsert(
    judgements,
    (
        "judgement_id",
        "task_id",
        "project_id",
        "stage",
        "round",
        "is_open",
        "rank",
        "position",
        "available_ms",
        "tier",
    ),
)


class Closed(NamedTuple):
    """A judgement that was just skipped or reviewed by its holder."""

    task_id: str
    project_id: str
    stage: Stage
    rank: int
    position: float
    claimed_ms: int
    origin_ms: int | None


def close(
    tx: Transaction,
    *,
    judgement_id: str,
    member_id: str,
    token: int,
    stage: Stage,
    outcome: Outcome,
    now_ms: int,
    skip_reason: str | None = None,
) -> Closed | None:
    """Close a judgement for its holder; None when the lease is gone. An ended lease that nobody took still counts."""
    row = tx.first(
        _CLOSE[stage],
        {
            "judgement_id": judgement_id,
            "member_id": member_id,
            "token": token,
            "outcome": outcome.value,
            "skip_reason": skip_reason,
            "now_ms": now_ms,
        },
    )
    if row is None:
        return None
    return Closed(
        row["task_id"],
        row["project_id"],
        stage,
        row["rank"],
        row["position"],
        row["claimed_ms"],
        row["origin_ms"],
    )


def renew(tx: Transaction, *, judgement_id: str, member_id: str, token: int, until_ms: int) -> bool:
    """Move the end of a lease; False when the lease is gone."""
    params = {"judgement_id": judgement_id, "member_id": member_id, "token": token, "until_ms": until_ms}
    return tx.run(_RENEW, params) == 1


def release(tx: Transaction, *, judgement_id: str, member_id: str, token: int, now_ms: int) -> Row | None:
    """Put a judgement back; None when the lease is gone."""
    params = {"judgement_id": judgement_id, "member_id": member_id, "token": token, "now_ms": now_ms}
    return tx.first(_RELEASE, params)


def take_review(tx: Transaction, *, task_id: str, member_id: str, now_ms: int, until_ms: int) -> Row | None:
    """Hand the open review of a task to a member, whoever holds it; None when nobody is asked."""
    return tx.first(
        _TAKE_REVIEW,
        {"task_id": task_id, "member_id": member_id, "now_ms": now_ms, "until_ms": until_ms},
    )


def find_judgement(tx: Transaction, judgement_id: str) -> Row | None:
    """Return a judgement's task, holder and outcome; None when there is none."""
    return tx.first(_JUDGEMENT, {"judgement_id": judgement_id})


def withdraw(tx: Transaction, *, judgement_id: str, now_ms: int) -> None:
    """Close a judgement that nobody is asked for any more."""
    tx.run(_WITHDRAW_ONE, {"judgement_id": judgement_id, "now_ms": now_ms})


def count_skips(tx: Transaction, task_id: str) -> int:
    """Return how often a task was skipped."""
    return int(tx.scalar(_COUNT_SKIPS, {"task_id": task_id}) or 0)


def raise_frontier(tx: Transaction, closed: Closed | HandedIn, *, member_id: str) -> None:
    """Note that nothing is left for a member before the judgement just closed.

    What was claimed from the fresh queue shows that the walk passed everything before it and found nothing among
    what had come back; what was claimed from there shows that for what came back earlier.
    """
    if closed.origin_ms is None:  # gold, outside the order
        return
    params = {
        "project_id": closed.project_id,
        "stage": closed.stage.value,
        "member_id": member_id,
        "claimed_ms": closed.claimed_ms,
    }
    if closed.origin_ms == 0:
        seen_ms = closed.claimed_ms - RACE_MARGIN_MS
        more = {"rank": closed.rank, "position": closed.position, "returned_ms": seen_ms}
        tx.run(_RAISE_FRONTIER, {**params, **more})
    else:
        seen_ms = min(closed.origin_ms - 1, closed.claimed_ms - RACE_MARGIN_MS)
        tx.run(_RAISE_RETURNED, {**params, "returned_ms": seen_ms})


def lower_frontiers(
    tx: Transaction, *, project_id: str, stage: Stage, rank: int, position: float, now_ms: int
) -> None:
    """Let every member's walk begin no later than here, where work was added."""
    tx.run(
        _LOWER_FRONTIERS,
        {
            "project_id": project_id,
            "stage": stage.value,
            "rank": rank,
            "position": position,
            "now_ms": now_ms,
        },
    )


def start_over(tx: Transaction, *, project_id: str, stage: Stage, member_id: str, now_ms: int) -> bool:
    """Let a member's walk begin at the top; False when it began there, or did so within the last minute."""
    params = {
        "project_id": project_id,
        "stage": stage.value,
        "member_id": member_id,
        "now_ms": now_ms,
        "not_since_ms": now_ms - START_OVER_MS,
    }
    return tx.run(_START_OVER, params) == 1


def let_all_start_over(tx: Transaction, *, project_id: str, now_ms: int) -> None:
    """Let every member's walk begin at the top: what they passed over may be for them now."""
    tx.run(_ALL_START_OVER, {"project_id": project_id, "now_ms": now_ms})


class NewJudgement(NamedTuple):
    """A judgement to be asked for.

    Attributes:
        available_ms: 0: it waits in its task's place. Else it goes before what was never handed out, from then on;
            before, only members of its tier are asked.
        tier: Who is asked first: 0 anybody, 1 the skilled.
    """

    judgement_id: str
    task_id: str
    rank: int
    position: float
    available_ms: int = 0
    tier: int = 0


def add_judgements(
    tx: Transaction,
    *,
    project_id: str,
    stage: Stage,
    entries: Sequence[NewJudgement],
    is_held: bool,
    now_ms: int,
) -> None:
    """Ask for judgements, and lower the frontiers that lie beyond the first of them.

    Args:
        tx: The transaction at hand.
        project_id: Of all of them.
        stage: Of all of them.
        entries: The judgements.
        is_held: Whether their batch holds them back.
        now_ms: The time.
    """
    if not entries:
        return
    is_open = 2 if is_held else 1
    INSERT_JUDGEMENTS.run(
        tx,
        [
            (
                entry.judgement_id,
                entry.task_id,
                project_id,
                stage.value,
                entry.judgement_id if stage is Stage.REVIEW else "",
                is_open,
                entry.rank,
                entry.position,
                entry.available_ms,
                entry.tier,
            )
            for entry in entries
        ],
    )
    fresh = [(entry.rank, entry.position) for entry in entries if entry.available_ms == 0]
    if not fresh:
        return
    rank, position = min(fresh)
    lower_frontiers(tx, project_id=project_id, stage=stage, rank=rank, position=position, now_ms=now_ms)
