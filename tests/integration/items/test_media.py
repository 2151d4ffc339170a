"""Media over HTTP: ranges, caching, types, fallback, and who may see them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import httpx
import pytest
import sqlalchemy as sa
from PIL import Image

from goldsmith.accounts.api import Access
from goldsmith.items.api import ItemsService
from goldsmith.items.tables import media

ClientOf = Callable[[str], httpx.AsyncClient]
pytestmark = pytest.mark.anyio


async def add_item(client: httpx.AsyncClient, project_id: str, data: bytes) -> str:
    sha256 = (await client.post("/workspaces/wsp_one/blobs", content=data)).json()["sha256"]
    record = json.dumps({"sha256": sha256, "name": sha256}).encode()
    await client.post(f"/projects/{project_id}/items/bulk", content=record)
    page = (await client.get(f"/projects/{project_id}/items", params={"text": sha256})).json()
    return str(page["items"][0]["item_id"])


async def test_an_image_is_sent_as_it_is_with_safe_headers(
    client_of: ClientOf, project_id: str, image_bytes: Callable[..., bytes]
) -> None:
    data = image_bytes(1, "JPEG") + b"<script>alert(1)</script>"
    async with client_of("one_manager") as manager, client_of("one_annotator") as annotator:
        item_id = await add_item(manager, project_id, data)
        for variant in ("original", "preview"):
            answer = await annotator.get(f"/items/{item_id}/media?variant={variant}")
            assert (answer.status_code, answer.content) == (200, data)
            assert answer.headers["content-type"] == "image/jpeg"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
            assert answer.headers["content-disposition"] == "inline"
        small = await annotator.get(f"/items/{item_id}/media?variant=thumbnail")
        assert small.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(small.content)).size == (40, 30)
        assert b"script" not in small.content
        assert (await annotator.get(f"/items/{item_id}/media?variant=raw")).status_code == 422


async def test_ranges_and_validators(
    client_of: ClientOf, project_id: str, image_bytes: Callable[..., bytes]
) -> None:
    data = image_bytes(5, "BMP", width=1024, height=700)  # larger than one chunk
    assert len(data) > 2 * 1024 * 1024
    async with client_of("one_manager") as manager:
        item_id = await add_item(manager, project_id, data)
        url = f"/items/{item_id}/media?variant=original"
        whole = await manager.get(url)
        assert whole.content == data
        assert whole.headers["content-length"] == str(len(data))
        assert whole.headers["content-disposition"] == "attachment"
        etag = whole.headers["etag"]
        cases = {
            "bytes=0-9": data[:10],
            "bytes=100-": data[100:],
            "bytes=-7": data[-7:],
            f"bytes=0-{len(data) * 2}": data,
            "bytes=1000000-1600000": data[1_000_000:1_600_001],
        }
        for header, expected in cases.items():
            answer = await manager.get(url, headers={"Range": header})
            assert (answer.status_code, answer.content) == (206, expected), header
            start = data.index(expected) if header != "bytes=-7" else len(data) - 7
            assert answer.headers["content-range"] == f"bytes {start}-{start + len(expected) - 1}/{len(data)}"
        past = await manager.get(url, headers={"Range": f"bytes={len(data)}-"})
        assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{len(data)}")
        for header in ("bytes=0-1,5-6", "items=0-1", "bytes=5-1", "bytes=x-1"):
            assert (await manager.get(url, headers={"Range": header})).status_code == 200
        assert (await manager.get(url, headers={"If-None-Match": etag})).status_code == 304
        assert (await manager.get(url, headers={"If-None-Match": '"other"'})).status_code == 200
        stale = await manager.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
        assert stale.status_code == 200
        fresh = await manager.get(url, headers={"Range": "bytes=0-1", "If-Range": etag})
        assert fresh.status_code == 206
        preview = await manager.get(f"/items/{item_id}/media?variant=preview")
        assert preview.headers["content-type"] == "image/jpeg"
        assert preview.headers["etag"] != etag


async def test_a_preview_that_is_lost_is_the_original(
    client_of: ClientOf, project_id: str, image_bytes: Callable[..., bytes], service: ItemsService
) -> None:
    data = image_bytes(5, "BMP")
    async with client_of("one_manager") as manager:
        item_id = await add_item(manager, project_id, data)
        rows = service.machine.database.read_sync(lambda tx: tx.all(sa.select(media)))
        for name in ("preview_sha256", "thumbnail_sha256"):
            service.machine.blobs.delete(rows[0][name])
        for variant in ("preview", "thumbnail"):
            answer = await manager.get(f"/items/{item_id}/media?variant={variant}")
            assert (answer.status_code, answer.content, answer.headers["content-type"]) == (
                200,
                data,
                "image/bmp",
            )
            assert answer.headers["content-disposition"] == "attachment"
        service.machine.blobs.delete(rows[0]["sha256"])
        assert (await manager.get(f"/items/{item_id}/media")).status_code == 404


async def test_text_is_sent_as_plain_text(client_of: ClientOf, project_id: str) -> None:
    async with client_of("one_manager") as manager:
        record = json.dumps({"text": "<script>alert('ü')</script>"}).encode()
        await manager.post(f"/projects/{project_id}/items/bulk", content=record)
        item = (await manager.get(f"/projects/{project_id}/items")).json()["items"][0]
        answer = await manager.get(item["media"]["original"].removeprefix("/api/v1"))
        assert answer.text == "<script>alert('ü')</script>"
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["content-disposition"] == "attachment"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_who_sees_an_item(
    client_of: ClientOf,
    project_id: str,
    image_bytes: Callable[..., bytes],
    service: ItemsService,
    accesses: dict[str, Access],
    strangers: dict[str, Access],
) -> None:
    async with client_of("one_manager") as manager:
        item_id = await add_item(manager, project_id, image_bytes(1))
    paths = (f"/items/{item_id}", f"/items/{item_id}/media", f"/projects/{project_id}/items")
    async with client_of("one_annotator") as annotator, client_of("two_owner") as stranger:
        for path in paths:
            assert (await annotator.get(path)).status_code == 200
            assert (await stranger.get(path)).status_code == 404
        assert (await annotator.delete(f"/items/{item_id}")).status_code == 403
        service.machine.database.write_sync(
            lambda tx: service.projects.remove_member(
                tx, accesses["owner"], project_id, accesses["annotator"].member_id
            )
        )
        for path in paths:
            assert (await annotator.get(path)).status_code == 404


async def test_a_deleted_item_is_gone_and_labelling_hears_of_it(
    client_of: ClientOf, project_id: str, image_bytes: Callable[..., bytes], labelling: object
) -> None:
    async with client_of("one_manager") as manager:
        item_id = await add_item(manager, project_id, image_bytes(1))
        assert (await manager.delete(f"/items/{item_id}")).status_code == 204
        assert (await manager.delete(f"/items/{item_id}")).status_code == 410
        assert (await manager.get(f"/items/{item_id}")).status_code == 410
        assert (await manager.get(f"/items/{item_id}/media")).status_code == 410
        assert (await manager.get("/items/itm_nothing")).status_code == 404
        assert (await manager.get(f"/projects/{project_id}/items")).json()["items"] == []
    assert getattr(labelling, "deleted") == [item_id]  # noqa: B009
