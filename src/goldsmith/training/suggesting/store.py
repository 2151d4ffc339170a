"""SQL of the assistants that a project chose."""

from __future__ import annotations

from typing import Any, Final

from goldsmith.platform.database import Row, Sql, Transaction

_CHOICE: Final = Sql(
    "SELECT detector_model_id, segmenter_model_id FROM assistants WHERE project_id = :project_id"
)
_CHOOSE: Final = Sql(
    """
    INSERT INTO assistants (project_id, detector_model_id, segmenter_model_id, changed_by, changed_ms)
    VALUES (:project_id, :detector_model_id, :segmenter_model_id, :changed_by, :changed_ms)
    ON CONFLICT (project_id) DO UPDATE SET detector_model_id = excluded.detector_model_id,
        segmenter_model_id = excluded.segmenter_model_id, changed_by = excluded.changed_by,
        changed_ms = excluded.changed_ms
    """
)


def find_choice(tx: Transaction, project_id: str) -> Row | None:
    """Return the lines of models that a project chose, or None."""
    return tx.first(_CHOICE, {"project_id": project_id})


def choose(tx: Transaction, *, row: dict[str, Any]) -> None:
    """Keep a project's choice in place of the one before."""
    tx.run(_CHOOSE, row)
