"""The built web UI: a fixed set of files, known at start, so that no path can reach anything else.

Files under ``assets/`` have a hash in their name and are kept by browsers for ever; everything else is asked for
again. An address without a file is a page of the UI: it gets ``index.html``.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from goldsmith.core.errors import NotFoundError

STATIC_FOLDER: Final = Path(__file__).parent / "static"
_FOR_EVER: Final = b"public, max-age=31536000, immutable"
_TYPES: Final = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
_TEXT: Final = ("text/", "image/svg+xml", "application/json", "application/manifest+json", "application/wasm")
_NOT_BUILT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>goldsmith</title></head>
<body><h1>goldsmith is running, its web UI is not built</h1>
<p>In the source folder run <code>make setup</code>, or install the package with pip, which builds it.</p>
<p>The HTTP API answers under <code>/api/v1</code>; it is described at
<a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p></body></html>
"""


class _File(NamedTuple):
    content: bytes
    gzipped: bytes | None
    media_type: bytes
    etag: bytes


class WebUi:
    """An ASGI application that serves the UI to GET and HEAD.

    Args:
        folder: What the UI was built into; may be absent.
    """

    def __init__(self, folder: Path = STATIC_FOLDER) -> None:
        self._paths = _list_files(folder)
        self._files: dict[str, _File] = {}

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer with a file, with the page of the UI, or with *not found*."""
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD") or (
            path.startswith(("/api/", "/v1/", "/v2/", "/assets/")) and path not in self._paths
        ):
            raise NotFoundError(
                "there is nothing at this address; see /api/v1/openapi.json for what there is"
            )
        name = path if path in self._paths else "/index.html"
        if name not in self._paths:
            await self._answer_not_built(scope, send)
            return
        found = self._files.get(name)
        if found is None:
            found = self._files[name] = await asyncio.to_thread(_load, self._paths[name])
        await _answer(scope, send, found, is_for_ever=name.startswith("/assets/"))

    async def _answer_not_built(self, scope: Scope, send: Send) -> None:
        body = _NOT_BUILT.encode()
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _list_files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    return {
        "/" + path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def _load(path: Path) -> _File:
    content = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    is_text = media_type.startswith(_TEXT)
    gzipped = gzip.compress(content, compresslevel=6, mtime=0) if is_text and len(content) > 1000 else None
    if is_text and media_type != "application/wasm":
        media_type += "; charset=utf-8"
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    return _File(content, gzipped, media_type.encode(), etag.encode())


async def _answer(scope: Scope, send: Send, file: _File, *, is_for_ever: bool) -> None:
    asked = {
        name: value for name, value in scope["headers"] if name in (b"if-none-match", b"accept-encoding")
    }
    headers = [
        (b"etag", file.etag),
        (b"cache-control", _FOR_EVER if is_for_ever else b"no-cache"),
        (b"vary", b"accept-encoding"),
    ]
    if file.etag in asked.get(b"if-none-match", b""):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    body = file.content
    if file.gzipped is not None and b"gzip" in asked.get(b"accept-encoding", b""):
        body = file.gzipped
        headers.append((b"content-encoding", b"gzip"))
    headers += [(b"content-type", file.media_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
