"""Routes of files."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile
from starlette.types import Message

from goldsmith.accounts.api import Gate, KeyAccess, Role
from goldsmith.compat.scale_v1.routes.bodies import answer, read_body
from goldsmith.compat.scale_v1.service import ScaleService
from goldsmith.compat.scale_v1.service.files import MAX_FILE_BYTES
from goldsmith.compat.scale_v1.service.links import LinkedFile
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.core.errors import TooLargeError

_SHOWN_INLINE = ("image/png", "image/jpeg", "application/json")
_FORM_BYTES = 64 * 1024


def add_routes(routes: APIRouter, service: ScaleService, gate: Gate) -> None:
    """Add the routes."""
    manager = gate.key_holder(Role.MANAGER)

    @routes.post("/files/upload")
    async def upload_file(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Keep a file that comes as a form."""
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise ParameterFault('"file" is required')
        counted = Request(request.scope, _counting(request.receive, MAX_FILE_BYTES + _FORM_BYTES))
        async with counted.form(max_files=1, max_fields=50) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise ParameterFault('"file" is required')
            data, name = await file.read(), file.filename or ""
            fields: dict[str, Any] = {
                field: value for field, value in form.multi_items() if isinstance(value, str)
            }
            fields |= _project_names([str(value) for value in form.getlist("project_names")])
        return answer(
            await asyncio.to_thread(service.upload_file, key, data, name=_plain(name), fields=fields)
        )

    @routes.post("/files/import")
    async def import_file(request: Request, key: Annotated[KeyAccess, Depends(manager)]) -> Response:
        """Fetch a file and keep it."""
        return answer(await asyncio.to_thread(service.import_file, key, await read_body(request)))

    @routes.get("/files/linked/{sha256}/{name}", dependencies=[Depends(gate.public())])
    async def get_linked_file(sha256: str, name: str, request: Request) -> Response:
        """Send a file that a response names, to whoever has its signed address."""
        query = request.query_params
        file = LinkedFile(query.get("workspace", ""), sha256, name, query.get("type", ""))
        expires = query.get("expires", "")
        expires_ms = int(expires) if expires.isdecimal() and len(expires) < 16 else 0
        signature = query.get("signature", "")
        await asyncio.to_thread(service.check_link, file, signature=signature, expires_ms=expires_ms)
        data = await asyncio.to_thread(service.machine.blobs.get, sha256)
        place = "inline" if file.media_type in _SHOWN_INLINE else "attachment"
        headers = {"content-disposition": f"{place}; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(data, media_type=file.media_type, headers=headers)


def _project_names(values: list[str]) -> dict[str, Any]:
    return {"project_names": values} if len(values) > 1 else {}


def _plain(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2][:200]


def _counting(receive: Callable[[], Awaitable[Message]], max_bytes: int) -> Callable[[], Awaitable[Message]]:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise TooLargeError(f"A file may have at most {MAX_FILE_BYTES} bytes.")
        return message

    return counted
