"""The form that brings a click-segmentation model: spooled to disk in flat memory, with a cap."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.types import Message, Receive

from goldsmith.core.errors import FieldFault, InvalidInputError, MalformedRequestError, TooLargeError
from goldsmith.training.suggesting.adding import MAX_DECODER_BYTES, MAX_ENCODER_BYTES
from goldsmith.training.suggesting.signature import Pixels, pixels_named

MAX_NAME: Final = 200
_MOST_BYTES: Final = MAX_ENCODER_BYTES + MAX_DECODER_BYTES + 1024**2
_FILE: Final = {"type": "string", "format": "binary"}

FORM: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["name", "encoder"],
                "properties": {
                    "name": {"type": "string", "maxLength": MAX_NAME, "description": "Line of models."},
                    "encoder": {**_FILE, "description": "ONNX: picture to embeddings; or the only file."},
                    "decoder": {**_FILE, "description": "ONNX: embeddings and clicks to masks."},
                    "pixels": {"type": "string", "enum": list(get_args(Pixels)), "default": "auto"},
                },
            }
        }
    },
}
"""Of the route, for its OpenAPI description."""


class SegmenterUpload(NamedTuple):
    """What was sent; the files are gone when the request ends."""

    name: str
    encoder: Path
    decoder: Path | None
    pixels: Pixels


@asynccontextmanager
async def read_upload(request: Request) -> AsyncIterator[SegmenterUpload]:
    """Give what a form brings, with its files on disk.

    Raises:
        MalformedRequestError: It is no form.
        TooLargeError: It is over the cap.
        InvalidInputError: A field is missing or does not hold.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise MalformedRequestError("send multipart/form-data with name, encoder and decoder")
    counted = Request(request.scope, _counting(request.receive))
    with tempfile.TemporaryDirectory(prefix="goldsmith-") as folder:
        async with counted.form(max_files=2, max_fields=4) as form:
            name, pixels = _fields_of(form)
            encoder = await _saved(form, "encoder", Path(folder))
            decoder = await _saved(form, "decoder", Path(folder))
        if encoder is None:
            raise InvalidInputError("the form holds no file named encoder")
        yield SegmenterUpload(name, encoder, decoder, pixels)


def _fields_of(form: FormData) -> tuple[str, Pixels]:
    name, pixels = form.get("name"), form.get("pixels") or "auto"
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME or "\0" in name:
        fault = FieldFault("name", f"a name of 1 to {MAX_NAME} characters")
        raise InvalidInputError("the form cannot be understood", faults=[fault])
    return name.strip(), pixels_named(str(pixels))


async def _saved(form: FormData, field: str, folder: Path) -> Path | None:
    upload = form.get(field)
    if not isinstance(upload, UploadFile):
        return None
    path = folder / f"{field}.onnx"

    def copy() -> None:
        with path.open("wb") as target:
            shutil.copyfileobj(upload.file, target, 1 << 20)

    await asyncio.to_thread(copy)
    return path


def _counting(receive: Receive) -> Receive:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > _MOST_BYTES:
            raise TooLargeError(f"the files of a model may have {_MOST_BYTES} bytes together")
        return message

    return counted
