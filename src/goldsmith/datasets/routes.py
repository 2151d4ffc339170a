"""Routes of datasets."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from goldsmith.accounts.api import Access, Gate, Page, Role
from goldsmith.core.errors import ConflictError, NotFoundError
from goldsmith.core.model import Model
from goldsmith.core.ontology import Name
from goldsmith.datasets import store
from goldsmith.datasets.service import DatasetsService
from goldsmith.datasets.types import DatasetView, VersionDiff, VersionPolicy, VersionView
from goldsmith.formats.types import YoloVariant
from goldsmith.platform.database import Sql

MAX_PAGE = 500


class NewDataset(Model):
    """A line to be started."""

    name: Name


class NewExport(Model):
    """An export to be made.

    Attributes:
        yolo_variant: What a line of YOLO says; ``auto`` takes what is drawn.
    """

    format: str
    with_media: bool = True
    yolo_variant: YoloVariant = "auto"


class Queued(Model):
    """A job that was queued."""

    job_id: str


class VersionItem(Model):
    """An item of a version with the work behind its label."""

    item_id: str
    task_id: str
    label_kind: str
    label_version: int
    split: str


class DatasetPage(Model):
    """A line with its versions, newest first."""

    dataset: DatasetView
    versions: list[VersionView]


def register_scopes(gate: Gate) -> None:
    """Teach the gate how a dataset, a version and an export resolve to a workspace."""
    gate.add_scope(
        "dataset_id",
        Sql("SELECT workspace_id, CAST(NULL AS TEXT) AS project_id FROM datasets WHERE dataset_id = :value"),
    )
    gate.add_scope(
        "dataset_version_id",
        Sql(
            "SELECT d.workspace_id, CAST(NULL AS TEXT) AS project_id FROM dataset_versions v "
            "JOIN datasets d ON d.dataset_id = v.dataset_id WHERE v.dataset_version_id = :value"
        ),
    )
    gate.add_scope(
        "export_id",
        Sql(
            "SELECT workspace_id, CAST(NULL AS TEXT) AS project_id FROM jobs "
            "WHERE job_id = :value AND kind = 'datasets.export'"
        ),
    )


def router(service: DatasetsService, gate: Gate) -> APIRouter:
    """Return the routes."""
    register_scopes(gate)
    routes = APIRouter(prefix="/api/v1", tags=["datasets"])
    _add_dataset_routes(routes, service, gate)
    _add_version_routes(routes, service, gate)
    _add_export_routes(routes, service, gate)
    return routes


def _add_dataset_routes(routes: APIRouter, service: DatasetsService, gate: Gate) -> None:
    database = service.machine.database
    # a dataset spans projects, so annotators, who are let into single projects, do not see it
    reader, maker = gate.allow(Role.REVIEWER), gate.allow(Role.MANAGER)

    @routes.get("/workspaces/{workspace_id}/datasets")
    async def list_datasets(
        access: Annotated[Access, Depends(reader)],
        cursor: str = "",
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> Page[DatasetView]:
        """List the datasets of the workspace, newest first."""
        found = await database.read(
            lambda tx: store.list_datasets(
                tx, workspace_id=access.workspace_id, after=cursor, limit=limit + 1
            )
        )
        page = found[:limit]
        return Page(items=page, next_cursor=page[-1].dataset_id if len(found) > limit else None)

    @routes.post("/workspaces/{workspace_id}/datasets", status_code=201)
    async def create_dataset(body: NewDataset, access: Annotated[Access, Depends(maker)]) -> DatasetView:
        """Make a dataset: a name for a line of versions."""
        return await database.write(lambda tx: service.create_dataset(tx, access, name=body.name))

    @routes.get("/datasets/{dataset_id}", dependencies=[Depends(reader)])
    async def get_dataset(dataset_id: str) -> DatasetPage:
        """Return a dataset with its versions."""
        return await database.read(
            lambda tx: DatasetPage(
                dataset=service.get_dataset(tx, dataset_id), versions=store.list_versions(tx, dataset_id)
            )
        )

    @routes.post("/datasets/{dataset_id}/versions", status_code=202)
    async def create_version(
        dataset_id: str, body: VersionPolicy, access: Annotated[Access, Depends(maker)]
    ) -> Queued:
        """Queue the job that freezes items, labels in force and splits as the next version."""
        job_id = await database.write(
            lambda tx: service.request_version(tx, access, dataset_id=dataset_id, policy=body)
        )
        return Queued(job_id=job_id)


def _add_version_routes(routes: APIRouter, service: DatasetsService, gate: Gate) -> None:
    database = service.machine.database
    reader = gate.allow(Role.REVIEWER)

    @routes.get("/dataset-versions/{dataset_version_id}", dependencies=[Depends(reader)])
    async def get_version(dataset_version_id: str) -> VersionView:
        """Return a version with its datasheet, policy and content hash."""
        return await database.read(lambda tx: service.get_version(tx, dataset_version_id))

    @routes.get("/dataset-versions/{dataset_version_id}/items", dependencies=[Depends(reader)])
    async def list_items(
        dataset_version_id: str,
        split: str | None = None,
        cursor: str = "",
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> Page[VersionItem]:
        """List the items of a version with their split and label."""
        rows = await database.read(
            lambda tx: store.item_rows(tx, dataset_version_id, split=split, after=cursor, limit=limit + 1)
        )
        items = [
            VersionItem(**{name: row[name] for name in VersionItem.model_fields}) for row in rows[:limit]
        ]
        return Page(items=items, next_cursor=items[-1].item_id if len(rows) > limit else None)

    @routes.get("/dataset-versions/{dataset_version_id}/diff/{other_id}")
    def diff(
        dataset_version_id: str, other_id: str, access: Annotated[Access, Depends(reader)]
    ) -> VersionDiff:
        """Tell what changed from another version to this one: items added, removed, relabelled, moved."""
        newer, older = (
            database.read_sync(partial(service.get_version, dataset_version_id=version_id))
            for version_id in (dataset_version_id, other_id)
        )
        if older.workspace_id != access.workspace_id:
            raise NotFoundError("there is no such dataset version here")
        return service.diff(older, newer)


def _add_export_routes(routes: APIRouter, service: DatasetsService, gate: Gate) -> None:
    machine = service.machine
    maker = gate.allow(Role.MANAGER)

    @routes.post("/dataset-versions/{dataset_version_id}/exports", status_code=202)
    async def create_export(
        dataset_version_id: str, body: NewExport, access: Annotated[Access, Depends(maker)]
    ) -> Queued:
        """Queue the job that writes a version in a format, with a report of what it cannot hold."""
        job_id = await machine.database.write(
            lambda tx: service.request_export(
                tx,
                access,
                dataset_version_id=dataset_version_id,
                format_name=body.format,
                with_media=body.with_media,
                yolo_variant=body.yolo_variant,
            )
        )
        return Queued(job_id=job_id)

    @routes.get("/exports/{export_id}/file", dependencies=[Depends(maker)], response_class=StreamingResponse)
    async def download(export_id: str) -> StreamingResponse:
        """Return the file that an export made."""
        view = await machine.database.read(lambda tx: machine.jobs.get(tx, export_id))
        if view.result is None:
            raise ConflictError(f"the export is {view.state}; wait until it is done")
        result = view.result
        return StreamingResponse(
            machine.blobs.iter_chunks(result["sha256"]),
            media_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="{result["file_name"]}"',
                "Content-Length": str(result["size_bytes"]),
            },
        )
