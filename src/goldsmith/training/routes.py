"""Routes of training."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from goldsmith.accounts.api import Access, Gate, Page, Role
from goldsmith.core.model import Model
from goldsmith.platform.database import Sql
from goldsmith.training import store
from goldsmith.training.recipes import RECIPES, Recipe
from goldsmith.training.service import TrainingService
from goldsmith.training.suggesting import routes as suggesting_routes
from goldsmith.training.suggesting.service import SuggestingService
from goldsmith.training.types import (
    ModelVersionView,
    ModelView,
    NewPrelabels,
    NewRun,
    QueuedJob,
    RunView,
    StartedRun,
)

MAX_PAGE = 500
_NEWEST = "run_~"


class RecipeEntry(Model):
    """A recipe that is offered."""

    name: str
    description: str
    recipe: Recipe


def register_scopes(gate: Gate) -> None:
    """Teach the gate how a run and a model version resolve to a workspace."""
    gate.add_scope(
        "run_id", Sql("SELECT workspace_id, CAST(NULL AS TEXT) AS project_id FROM runs WHERE run_id = :value")
    )
    gate.add_scope(
        "model_version_id",
        Sql(
            "SELECT m.workspace_id, CAST(NULL AS TEXT) AS project_id FROM model_versions v "
            "JOIN models m ON m.model_id = v.model_id WHERE v.model_version_id = :value"
        ),
    )


def router(service: TrainingService, suggesting: SuggestingService, gate: Gate) -> APIRouter:
    """Return the routes."""
    register_scopes(gate)
    routes = APIRouter(prefix="/api/v1", tags=["training"])
    database = service.machine.database
    reader, maker = gate.allow(Role.REVIEWER), gate.allow(Role.MANAGER)

    @routes.get("/recipes", dependencies=[Depends(gate.signed_in())])
    async def list_recipes() -> list[RecipeEntry]:
        """List what can be trained, with settings to start from."""
        return [RecipeEntry(**card._asdict()) for card in RECIPES]

    @routes.get("/workspaces/{workspace_id}/runs")
    async def list_runs(
        access: Annotated[Access, Depends(reader)],
        cursor: str = _NEWEST,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> Page[RunView]:
        """List the training runs of the workspace, newest first."""
        found = await database.read(lambda tx: service.list_runs(tx, access, before=cursor, limit=limit + 1))
        page = found[:limit]
        return Page(items=page, next_cursor=page[-1].run_id if len(found) > limit else None)

    @routes.post("/workspaces/{workspace_id}/runs", status_code=202)
    async def start_run(body: NewRun, access: Annotated[Access, Depends(maker)]) -> StartedRun:
        """Queue a training of a recipe on a dataset version; seed and versions make it repeatable."""
        return await database.write(lambda tx: service.start_run(tx, access, body=body))

    @routes.get("/runs/{run_id}", dependencies=[Depends(reader)])
    async def get_run(run_id: str) -> RunView:
        """Return a run with its curves and what it was made with."""
        return await database.read(lambda tx: service.get_run(tx, run_id))

    @routes.get("/workspaces/{workspace_id}/models")
    async def list_models(access: Annotated[Access, Depends(reader)]) -> list[ModelView]:
        """List the models of the workspace with their versions."""
        return await database.read(lambda tx: store.list_models(tx, access.workspace_id))

    @routes.get("/model-versions/{model_version_id}", dependencies=[Depends(reader)])
    async def get_model_version(model_version_id: str) -> ModelVersionView:
        """Return a model version with its card."""
        return await database.read(lambda tx: service.get_model_version(tx, model_version_id))

    @routes.post("/projects/{project_id}/prelabels", status_code=202)
    async def prelabel(
        project_id: str, body: NewPrelabels, access: Annotated[Access, Depends(maker)]
    ) -> QueuedJob:
        """Queue the job that lets a model version pre-label open tasks; pre-labels are no votes."""
        job_id = await database.write(
            lambda tx: service.request_prelabels(tx, access, project_id=project_id, body=body)
        )
        return QueuedJob(job_id=job_id)

    suggesting_routes.add_routes(routes, suggesting, gate)
    return routes
