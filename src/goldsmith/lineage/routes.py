"""Routes of lineage."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from goldsmith.accounts.api import Gate, Role
from goldsmith.lineage.service import LineageService
from goldsmith.lineage.types import Direction, Report
from goldsmith.platform.database import Sql

_SCOPE = Sql(
    """
    SELECT workspace_id, CAST(NULL AS TEXT) AS project_id FROM items WHERE item_id = :value
    UNION ALL SELECT workspace_id, NULL FROM members WHERE member_id = :value
    UNION ALL SELECT workspace_id, NULL FROM projects WHERE project_id = :value
    UNION ALL SELECT workspace_id, NULL FROM datasets WHERE dataset_id = :value
    UNION ALL SELECT workspace_id, NULL FROM models WHERE model_id = :value
    UNION ALL SELECT workspace_id, NULL FROM runs WHERE run_id = :value
    UNION ALL SELECT workspace_id, NULL FROM evaluations WHERE evaluation_id = :value
    UNION ALL SELECT m.workspace_id, NULL FROM model_versions v JOIN models m ON m.model_id = v.model_id
              WHERE v.model_version_id = :value
    UNION ALL SELECT d.workspace_id, NULL FROM dataset_versions v JOIN datasets d ON d.dataset_id = v.dataset_id
              WHERE v.dataset_version_id = :value
    UNION ALL SELECT p.workspace_id, NULL FROM batches b JOIN projects p ON p.project_id = b.project_id
              WHERE b.batch_id = :value
    UNION ALL SELECT p.workspace_id, NULL FROM tasks t JOIN projects p ON p.project_id = t.project_id
              WHERE t.task_id = :value
    UNION ALL SELECT p.workspace_id, NULL FROM submissions s JOIN projects p ON p.project_id = s.project_id
              WHERE s.submission_id = :value
    """
)


def router(service: LineageService, gate: Gate) -> APIRouter:
    """Return the routes; who may walk sees work of all projects, so it is for managers."""
    gate.add_scope("subject_id", _SCOPE)
    routes = APIRouter(prefix="/api/v1", tags=["lineage"])

    @routes.get("/lineage/{subject_id}", dependencies=[Depends(gate.allow(Role.MANAGER))])
    async def walk(
        subject_id: str,
        direction: Direction = "up",
        item_id: Annotated[list[str], Query(max_length=500)] = [],  # noqa: B006  FastAPI copies it
        slice_name: Annotated[str | None, Query(alias="slice", max_length=500)] = None,
    ) -> Report:
        """Tell what something was made from (up), or what came of it (down).

        ``slice`` is the name of a slice of an evaluation, such as ``light = night``: only what is behind its items.
        """
        items = item_id
        if slice_name is not None:
            items = await asyncio.to_thread(service.items_in_slice, subject_id, slice_name)
        return await service.machine.database.read(
            lambda tx: service.walk(tx, subject_id, direction=direction, item_ids=items)
        )

    return routes
