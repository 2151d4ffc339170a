"""Routes of imports."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.types import Message

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.core.errors import FieldFault, InvalidInputError, MalformedRequestError, TooLargeError
from goldsmith.core.model import Model
from goldsmith.items.service import ItemsService
from goldsmith.items.types import (
    FolderRequest,
    ImportOptions,
    ImportPlan,
    ImportView,
    UploadedFile,
    UrlsRequest,
)
from goldsmith.platform.blobs import CHUNK_BYTES

MAX_FILES = 10_000
MAX_JSON_BYTES = 64 * 1024**2


class ImportRequest(ImportOptions):
    """An import that needs no upload."""

    source: FolderRequest | UrlsRequest


class JobId(Model):
    """The job that does the work; it is also the import's id."""

    job_id: str


class ImportPage(Model):
    """Imports, newest first."""

    items: list[ImportView]
    next_cursor: str | None


class NumberedProblem(Model):
    """A file or record that was not taken as it is, and why."""

    number: int
    where: str
    what: str
    severity: str


class ProblemPage(Model):
    """Problems in the order they were found."""

    items: list[NumberedProblem]
    next_cursor: str | None


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return a JSON schema with its references spelt out, so that it stands alone inside the OpenAPI document."""
    if isinstance(schema, list):
        return [_inlined(entry, definitions) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    dropped = ("$defs", "discriminator")
    return {key: _inlined(value, definitions) for key, value in schema.items() if key not in dropped}


def _request_body() -> dict[str, Any]:
    as_json = ImportRequest.model_json_schema()
    options = ("format", "labels_as", "batch", "priority", "ontology", "group_by")
    files = {"type": "array", "items": {"type": "string", "format": "binary"}}
    as_form = {
        "type": "object",
        "required": ["files"],
        "properties": {"files": files, **{name: {"type": "string"} for name in options}},
    }
    return {
        "required": True,
        "content": {
            "application/json": {"schema": _inlined(as_json, as_json.get("$defs", {}))},
            "multipart/form-data": {"schema": as_form},
        },
    }


def add_routes(routes: APIRouter, service: ItemsService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database

    @routes.post(
        "/projects/{project_id}/imports", status_code=202, openapi_extra={"requestBody": _request_body()}
    )
    async def request_import(
        project_id: str, request: Request, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> JobId:
        """Start an import: multipart with `files` (one zip, or single files) and options, or JSON with a source."""
        await database.read(lambda tx: service.open_setup(tx, project_id))
        spooled: list[UploadedFile] = []
        try:
            plan = await _plan_of(service, request, spooled)
            job_id = await database.write(lambda tx: service.request_import(tx, access, project_id, plan))
        except BaseException:
            await asyncio.to_thread(service.drop_spooled, spooled)
            raise
        return JobId(job_id=job_id)

    @routes.get("/projects/{project_id}/imports", dependencies=[Depends(gate.allow(Role.MANAGER))])
    async def list_imports(
        project_id: str,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=40)] = None,
    ) -> ImportPage:
        """List the imports of a project, newest first."""
        found = await database.read(
            lambda tx: service.list_imports(tx, project_id, before=cursor, limit=limit + 1)
        )
        items = found[:limit]
        return ImportPage(items=items, next_cursor=items[-1].import_id if len(found) > limit else None)

    @routes.get("/imports/{import_id}", dependencies=[Depends(gate.allow(Role.MANAGER))])
    async def get_import(import_id: str) -> ImportView:
        """Show an import and how far it came; its job tells speed and remaining time."""
        return await database.read(lambda tx: service.get_import(tx, import_id))

    @routes.get("/imports/{import_id}/problems", dependencies=[Depends(gate.allow(Role.MANAGER))])
    async def list_problems(
        import_id: str,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        cursor: Annotated[str | None, Query(pattern=r"^\d{1,12}$")] = None,
    ) -> ProblemPage:
        """List what was refused, is there already, or was changed, each with its reason."""
        found = await database.read(
            lambda tx: service.list_problems(tx, import_id, after=int(cursor or 0), limit=limit + 1)
        )
        items = [NumberedProblem(number=number, **problem._asdict()) for number, problem in found[:limit]]
        return ProblemPage(items=items, next_cursor=str(items[-1].number) if len(found) > limit else None)


async def _plan_of(service: ItemsService, request: Request, spooled: list[UploadedFile]) -> ImportPlan:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _plan_of_form(service, request, spooled)
    if kind == "application/json":
        return await _plan_of_json(request)
    raise MalformedRequestError("send multipart/form-data with files, or application/json with a source")


async def _plan_of_json(request: Request) -> ImportPlan:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise TooLargeError(f"the request may have at most {MAX_JSON_BYTES} bytes")
    try:
        asked = ImportRequest.model_validate_json(bytes(body))
        return ImportPlan.model_validate(asked.model_dump())
    except ValidationError as error:
        raise _invalid(error) from error


async def _plan_of_form(service: ItemsService, request: Request, spooled: list[UploadedFile]) -> ImportPlan:
    """Spool the files of a form into the blob store, in flat memory, and read its options.

    Args:
        service: Items.
        request: The request.
        spooled: Filled with what was put into the blob store.
    """
    max_bytes = service.machine.settings.max_upload_bytes
    counted = Request(request.scope, _counting(request.receive, max_bytes=max_bytes))
    values: dict[str, Any] = {}
    async with counted.form(max_files=MAX_FILES, max_fields=50) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                spooled.append(await _spool(service, value))
            else:
                values[name] = value
    if not spooled:
        raise InvalidInputError("the form holds no files; send them as: files")
    try:
        return ImportPlan.model_validate({**values, "source": {"kind": "upload", "files": spooled}})
    except ValidationError as error:
        raise _invalid(error) from error


async def _spool(service: ItemsService, upload: UploadFile) -> UploadedFile:
    file = upload.file
    put = await asyncio.to_thread(service.machine.blobs.put_chunks, iter(lambda: file.read(CHUNK_BYTES), b""))
    name = (upload.filename or "file").replace("\\", "/").lstrip("/")
    return UploadedFile(name=name, sha256=put.sha256, size_bytes=put.size_bytes)


def _counting(
    receive: Callable[[], Awaitable[Message]], *, max_bytes: int
) -> Callable[[], Awaitable[Message]]:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise TooLargeError(f"an upload may have at most {max_bytes} bytes; bring the files in parts")
        return message

    return counted


def _invalid(error: ValidationError) -> InvalidInputError:
    faults = [
        FieldFault(".".join(str(part) for part in fault["loc"]), fault["msg"])
        for fault in error.errors(include_url=False, include_input=False)
    ]
    return InvalidInputError("the import cannot be understood", faults=faults)
