"""Routes that bring in originals one by one and records by the hundred thousand."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.core.errors import TooLargeError
from goldsmith.core.model import Model
from goldsmith.items.media import MAX_IMAGE_BYTES
from goldsmith.items.policy.records import Line, LineCutter
from goldsmith.items.service import ItemsService
from goldsmith.items.service.bulk import BulkPortion, BulkResult, BulkTarget
from goldsmith.items.types import ItemKind, LabelsAs, OnDuplicate, PartKind, Problem
from goldsmith.projects.api import DEFAULT_BATCH

PORTION_LINES = 1000
PORTION_BYTES = 2 * 1024**2
MAX_LISTED = 1000


class Original(Model):
    """An original that the workspace has, or a file that parts of documents may name.

    Attributes:
        kind: What an item of it is, or a part of it.
        width: Of an image in pixels; 0 for files of parts. Likewise ``height``.
    """

    sha256: str
    kind: ItemKind | PartKind
    media_type: str
    width: int
    height: int


class ListedProblem(Model):
    """A record that was not taken, and why."""

    where: str
    what: str
    severity: str


class BulkAnswer(Model):
    """What became of a bulk request.

    Attributes:
        created: Items made; ``labelled`` of them came with labels.
        refused: Records that do not hold.
        duplicates: Records whose bytes the project has already.
        problems: The first thousand of both, by line.
    """

    created: int
    labelled: int
    refused: int
    duplicates: int
    problems: list[ListedProblem]


class _Tally:
    """Counts what became of the portions; keeps the first problems only, so that memory stays flat."""

    def __init__(self) -> None:
        self.created = 0
        self.labelled = 0
        self.refused = 0
        self.duplicates = 0
        self.problems: list[Problem] = []

    def add(self, result: BulkResult) -> None:
        self.created += result.created
        self.labelled += result.labelled
        duplicates = sum(1 for problem in result.problems if problem.severity == "duplicate")
        self.duplicates += duplicates
        self.refused += len(result.problems) - duplicates
        self.problems.extend(result.problems[: MAX_LISTED - len(self.problems)])

    def answer(self) -> BulkAnswer:
        return BulkAnswer(
            created=self.created,
            labelled=self.labelled,
            refused=self.refused,
            duplicates=self.duplicates,
            problems=[ListedProblem(**problem._asdict()) for problem in self.problems],
        )


def add_routes(routes: APIRouter, service: ItemsService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database

    @routes.post(
        "/workspaces/{workspace_id}/blobs",
        status_code=201,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def put_blob(
        workspace_id: str,  # noqa: ARG001  read by the gate
        request: Request,
        access: Annotated[Access, Depends(gate.allow(Role.MANAGER))],
        use: Literal["item", "part"] = "item",
    ) -> Original:
        """Upload one original as the body; it is decoded once to see that it holds.

        With `use=part` it may also be a PDF, a sound, a film or a text, for parts of documents; it is kept as it is.
        """
        data = await _whole_body(request, max_bytes=MAX_IMAGE_BYTES)
        if use == "part":
            file = await asyncio.to_thread(service.put_file, access.workspace_id, data)
            kind = file.kind or PartKind.TEXT
            return Original(sha256=file.sha256, kind=kind, media_type=file.media_type, width=0, height=0)
        media = await asyncio.to_thread(service.put_original, access.workspace_id, data)
        return Original(
            sha256=media.sha256,
            kind=media.kind,
            media_type=media.media_type,
            width=media.width_px,
            height=media.height_px,
        )

    @routes.post(
        "/projects/{project_id}/items/bulk",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
            }
        },
    )
    async def add_items(
        project_id: str,
        request: Request,
        access: Annotated[Access, Depends(gate.allow(Role.MANAGER))],
        batch: Annotated[
            str, Query(min_length=1, max_length=200, description="Name of the batch.")
        ] = DEFAULT_BATCH,
        labels_as: LabelsAs = LabelsAs.PRELABELS,
        on_duplicate: OnDuplicate = OnDuplicate.KEEP,
    ) -> BulkAnswer:
        """Add items by newline-delimited JSON, streamed and settled a thousand at a time.

        Each line is one record: `{"name", "sha256" or "text" or "parts", "metadata", "group_key", "priority",
        "labelling", "labels_as"}`; parts make a document. Records that do not hold are listed and the others go on;
        what was settled stays when the connection breaks.
        """
        target = BulkTarget(access, project_id, batch, labels_as, on_duplicate)
        setup = await database.read(lambda tx: service.open_setup(tx, project_id))
        tally = _Tally()
        under_way: asyncio.Task[BulkResult] | None = None
        try:
            async for lines in _portions(request, max_bytes=service.machine.settings.max_upload_bytes):
                portion = await asyncio.to_thread(service.read_portion, target, lines, setup.ontology)
                if under_way is not None:
                    tally.add(await under_way)
                under_way = asyncio.create_task(_settle(service, target, portion))
        finally:
            if under_way is not None:
                tally.add(await under_way)
        if tally.created:
            await database.write(lambda tx: service.record_bulk(tx, target, created=tally.created))
        return tally.answer()


async def _settle(service: ItemsService, target: BulkTarget, portion: BulkPortion) -> BulkResult:
    return await service.machine.database.write(lambda tx: service.settle_portion(tx, target, portion))


async def _portions(request: Request, *, max_bytes: int) -> AsyncIterator[list[Line]]:
    cutter = LineCutter()
    lines: list[Line] = []
    held_bytes = 0
    total_bytes = 0
    async for chunk in request.stream():
        total_bytes += len(chunk)
        if total_bytes > max_bytes:
            raise TooLargeError(f"a request may have at most {max_bytes} bytes; send the records in parts")
        for line in cutter.feed(chunk):
            lines.append(line)
            held_bytes += len(line.data or b"")
            if len(lines) >= PORTION_LINES or held_bytes >= PORTION_BYTES:
                yield lines
                lines, held_bytes = [], 0
    lines.extend(cutter.finish())
    if lines:
        yield lines


async def _whole_body(request: Request, *, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise TooLargeError(f"one original may have at most {max_bytes} bytes")
    return bytes(body)
