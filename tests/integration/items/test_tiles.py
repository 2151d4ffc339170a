"""Tiles of huge images over HTTP: made at the first ask, cached, and shown to those who may see the item."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import httpx
import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from goldsmith.accounts.api import Access
from goldsmith.items.api import ItemsService
from goldsmith.items.tables import blobs, tile_packs
from goldsmith.items.tiling import Pyramid

ClientOf = Callable[[str], httpx.AsyncClient]
pytestmark = pytest.mark.anyio
SIZE = (2600, 700)


def huge(seed: int, size: tuple[int, int] = SIZE) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (3, 9, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST).save(out, "PNG", compress_level=1)
    return out.getvalue()


async def add_item(client: httpx.AsyncClient, project_id: str, data: bytes, name: str) -> str:
    sha256 = (await client.post("/workspaces/wsp_one/blobs", content=data)).json()["sha256"]
    record = json.dumps({"sha256": sha256, "name": name}).encode()
    await client.post(f"/projects/{project_id}/items/bulk", content=record)
    page = (await client.get(f"/projects/{project_id}/items", params={"text": name})).json()
    return str(page["items"][0]["item_id"])


def rows(service: ItemsService, table: sa.Table) -> list[dict[str, object]]:
    return [dict(row) for row in service.machine.database.read_sync(lambda tx: tx.all(sa.select(table)))]


async def test_the_first_ask_has_the_tiles_made_once(
    client_of: ClientOf, service: ItemsService, project_id: str
) -> None:
    async with client_of("one_manager") as manager, client_of("one_viewer") as viewer:
        item_id = await add_item(manager, project_id, huge(1), "panorama")
        url = f"/items/{item_id}/media/tiles/0/5/1"
        for _ in range(3):
            waiting = await viewer.get(url)
            assert (waiting.status_code, waiting.headers["retry-after"], waiting.content) == (202, "1", b"")
        assert service.machine.jobs.run_until_idle() == 1
        answer = await viewer.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert Image.open(io.BytesIO(answer.content)).size == (2600 - 5 * 512, 700 - 512)
        again = await viewer.get(url, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = await add_item(manager, project_id, huge(1), "the same once more")
        same = await viewer.get(f"/items/{other}/media/tiles/0/5/1")
        assert same.content == answer.content
    [kept] = rows(service, tile_packs)
    assert kept["pack_sha256"] in {blob["sha256"] for blob in rows(service, blobs)}


async def test_every_tile_of_every_level_is_there(
    client_of: ClientOf, service: ItemsService, project_id: str
) -> None:
    async with client_of("one_manager") as manager:
        item_id = await add_item(manager, project_id, huge(2), "panorama")
        await manager.get(f"/items/{item_id}/media/tiles/0/0/0")
        service.machine.jobs.run_until_idle()
        pyramid = Pyramid(*SIZE)
        etags = set()
        for tile in pyramid.tiles():
            answer = await manager.get(f"/items/{item_id}/media/tiles/{tile.level}/{tile.x}/{tile.y}")
            assert answer.status_code == 200
            width, height = pyramid.size(tile.level)
            wanted = (min(512, width - tile.x * 512), min(512, height - tile.y * 512))
            assert Image.open(io.BytesIO(answer.content)).size == wanted
            etags.add(answer.headers["etag"])
        assert len(etags) == pyramid.tile_count
        for place in ("0/6/0", "0/0/2", "9/0/0"):
            assert (await manager.get(f"/items/{item_id}/media/tiles/{place}")).status_code == 404
        for place in ("-1/0/0", "0/x/0", "0/0/100001"):
            assert (await manager.get(f"/items/{item_id}/media/tiles/{place}")).status_code == 422


async def test_ordinary_pictures_have_no_tiles(
    client_of: ClientOf, service: ItemsService, project_id: str, image_bytes: Callable[..., bytes]
) -> None:
    async with client_of("one_manager") as manager:
        item_id = await add_item(manager, project_id, image_bytes(1), "small")
        answer = await manager.get(f"/items/{item_id}/media/tiles/0/0/0")
        assert answer.status_code == 404
        assert "ask for the original" in answer.json()["detail"]
        assert service.machine.jobs.run_until_idle() == 0


async def test_who_may_see_an_item_may_see_its_tiles(
    client_of: ClientOf, service: ItemsService, project_id: str, strangers: dict[str, Access]
) -> None:
    async with client_of("one_manager") as manager, client_of("two_owner") as stranger:
        item_id = await add_item(manager, project_id, huge(3), "panorama")
        url = f"/items/{item_id}/media/tiles/0/0/0"
        assert (await stranger.get(url)).status_code == 404
        assert service.machine.jobs.run_until_idle() == 0
        await manager.get(url)
        service.machine.jobs.run_until_idle()
        assert (await manager.get(url)).status_code == 200
        assert (await stranger.get(url)).status_code == 404
        await manager.delete(f"/items/{item_id}")
        assert (await manager.get(url)).status_code == 410


async def test_what_cannot_be_cut_is_told_once_and_not_tried_for_ever(
    client_of: ClientOf, service: ItemsService, project_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldsmith.items.tiling.bands.WHOLE_PIXELS", 1000)
    out = io.BytesIO()
    Image.new("RGB", SIZE, (20, 40, 60)).save(out, "BMP")
    async with client_of("one_manager") as manager:
        item_id = await add_item(manager, project_id, out.getvalue(), "scan")
        url = f"/items/{item_id}/media/tiles/0/0/0"
        assert (await manager.get(url)).status_code == 202
        service.machine.jobs.run_until_idle()
        for _ in range(2):
            answer = await manager.get(url)
            assert answer.status_code == 409
            assert "send it as PNG" in answer.json()["detail"]
        assert service.machine.jobs.run_until_idle() == 0
