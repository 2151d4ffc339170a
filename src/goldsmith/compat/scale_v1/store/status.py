"""Where tasks and batches stand, as SQL over the tables of labelling and projects.

``s`` is a row of ``scale_tasks`` and ``t`` its row of ``tasks``; ``b`` a row of ``scale_batches`` and ``gb`` its row of
``batches``. A completed task that is looked at once more stays completed until somebody rejects it.
"""

from __future__ import annotations

from typing import Final

IS_DONE: Final = "(t.state = 'done' OR (t.state = 'review' AND s.told_version > 0))"
TASK_STATUS: Final = (
    "CASE WHEN s.canceled_ms IS NOT NULL OR t.state = 'cancelled' THEN 'canceled' "
    "WHEN s.arrival = 'failed' THEN 'error' "
    f"WHEN s.canned IS NOT NULL OR {IS_DONE} THEN 'completed' ELSE 'pending' END"
)
REVIEW_STATUS: Final = (
    "COALESCE((SELECT CASE "
    "WHEN r.verdict = 'fix' AND r.consensus_version + 1 = t.consensus_version THEN 'fixed' "
    "WHEN r.consensus_version <> t.consensus_version THEN 'pending' "
    "WHEN r.verdict = 'accept' THEN 'accepted' WHEN r.verdict = 'reject' THEN 'rejected' ELSE 'pending' END "
    "FROM reviews r WHERE r.task_id = s.task_id ORDER BY r.review_id DESC LIMIT 1), s.told_review, 'pending')"
)
"""Of the newest verdict on the labels in force; labels that are newer than it wait for one. Without any here: what an
audit said elsewhere."""
BATCH_STATE: Final = "COALESCE(gb.state, b.test_state)"
BATCH_PRIORITY: Final = "COALESCE(gb.priority, b.test_priority)"
BATCH_STATUS: Final = (
    f"CASE {BATCH_STATE} WHEN 'staging' THEN 'staging' WHEN 'paused' THEN 'paused' "  # noqa: S608  constants
    "WHEN 'cancelled' THEN 'cancelled' ELSE CASE "
    "WHEN EXISTS (SELECT 1 FROM scale_tasks s WHERE s.batch_id = b.batch_id AND s.purpose = 'production') "
    "AND NOT EXISTS (SELECT 1 FROM scale_tasks s LEFT JOIN tasks t ON t.task_id = s.task_id "
    f"WHERE s.batch_id = b.batch_id AND s.purpose = 'production' AND {TASK_STATUS} = 'pending') "
    "THEN 'completed' ELSE 'in_progress' END END"
)
"""A batch that was handed out and has no task left to do is completed."""
