"""Originals and the bulk API on both databases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from goldsmith.accounts.api import Access
from goldsmith.items.api import ItemsService, LabelsAs
from goldsmith.projects.api import BatchState, ProjectState

ClientOf = Callable[[str], httpx.AsyncClient]
pytestmark = pytest.mark.anyio
LABELLING = {
    "annotations": [
        {"annotation_id": "a", "class_id": "car", "geometry": {"kind": "box", "box_xyxy": [1, 2, 10, 12]}}
    ]
}


def ndjson(*records: Any) -> bytes:
    return b"\n".join(
        json.dumps(record).encode() if not isinstance(record, bytes) else record for record in records
    )


async def upload(client: httpx.AsyncClient, data: bytes) -> str:
    answer = await client.post("/workspaces/wsp_one/blobs", content=data)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["sha256"])


async def test_an_original_is_uploaded_once_and_probed(
    client_of: ClientOf, accesses: dict[str, Access], image_bytes: Callable[..., bytes], service: ItemsService
) -> None:
    async with client_of("one_manager") as manager:
        first = await manager.post("/workspaces/wsp_one/blobs", content=image_bytes(1, width=50))
        again = await manager.post("/workspaces/wsp_one/blobs", content=image_bytes(1, width=50))
        refused = await manager.post("/workspaces/wsp_one/blobs", content=b"<html>")
    assert first.json() == again.json()
    assert {"width": 50, "height": 30, "media_type": "image/png"}.items() <= first.json().items()
    assert service.machine.blobs.exists(first.json()["sha256"])
    assert (refused.status_code, refused.json()["code"]) == (422, "corrupt_media")


async def test_records_become_items_and_tasks(
    client_of: ClientOf,
    project_id: str,
    image_bytes: Callable[..., bytes],
    labelling: Any,
    service: ItemsService,
) -> None:
    async with client_of("one_manager") as manager:
        sha256 = await upload(manager, image_bytes(1))
        body = ndjson(
            {
                "sha256": sha256,
                "name": "a.png",
                "metadata": {"city": "Köln"},
                "group_key": "drive 1",
                "priority": 3,
            },
            {"text": "Good morning\nto everybody", "labels_as": "gold", "labelling": {}},
            {"sha256": sha256, "name": "b.png", "labelling": LABELLING, "labels_as": "accepted"},
            {"sha256": sha256, "labelling": LABELLING},
        )
        answer = await manager.post(f"/projects/{project_id}/items/bulk?batch=Night", content=body)
        assert answer.json() == {"created": 4, "labelled": 3, "refused": 0, "duplicates": 0, "problems": []}
        page = (await manager.get(f"/projects/{project_id}/items")).json()
    assert [item["name"] for item in page["items"]] == [
        "a.png",
        "Good morning to everybody",
        "b.png",
        sha256[:16],
    ]
    entries = [labelling.entries[item["item_id"]] for item in page["items"]]
    assert [entry.labels_as for entry in entries] == [
        LabelsAs.NONE, LabelsAs.GOLD, LabelsAs.ACCEPTED, LabelsAs.PRELABELS,
    ]  # fmt: skip
    assert entries[0].priority == 3
    assert entries[2].labelling.annotations[0].class_id == "car"
    item = service.machine.database.read_sync(lambda tx: service.get_item(tx, page["items"][0]["item_id"]))
    assert (item.metadata, item.group_key, item.width, item.height) == ({"city": "Köln"}, "drive 1", 40, 30)


async def test_records_that_do_not_hold_are_listed_and_the_others_go_on(
    client_of: ClientOf, project_id: str, image_bytes: Callable[..., bytes]
) -> None:
    wrong_class = {"annotations": [{**LABELLING["annotations"][0], "class_id": "bus"}]}
    lines = [
        (b"{not json", "not a record"),
        ({"name": "x"}, "one of sha256"),
        ({"text": "a", "sha256": "0" * 64}, "one of sha256"),
        ({"sha256": "0" * 64}, "upload it to /blobs"),
        ({"sha256": "zz"}, "64 hexadecimal"),
        ({"text": "a\0b"}, "NUL"),
        ({"text": "a", "name": "a\nb"}, "control characters"),
        ({"text": "a", "surprise": 1}, "surprise"),
        ({"text": "a", "labels_as": "truth"}, "truth"),
        ({"text": "a", "priority": 10**9}, "priority"),
        ({"text": "a", "labelling": {"annotations": [{"class_id": "car"}]}}, "annotation_id"),
        ({"text": "a", "labelling": wrong_class}, "bus"),
        ({"text": "a", "metadata": {"x": "y" * 70_000}}, "metadata"),
    ]
    good, long = {"text": "fine"}, {"text": "x" * 70_000}
    body = ndjson(good, b"", *(record for record, _ in lines), long)
    async with client_of("one_manager") as manager:
        answer = (await manager.post(f"/projects/{project_id}/items/bulk", content=body)).json()
    assert (answer["created"], answer["refused"], answer["duplicates"]) == (2, len(lines), 0)
    for number, (problem, (_, word)) in enumerate(zip(answer["problems"], lines, strict=True), start=3):
        assert problem["where"] == f"line {number}"
        assert word in problem["what"]


async def test_repeated_bytes_are_kept_or_refused_as_the_caller_says(
    client_of: ClientOf, project_id: str
) -> None:
    body = ndjson({"text": "one"}, {"text": "one"}, {"text": "two"})
    url = f"/projects/{project_id}/items/bulk"
    async with client_of("one_manager") as manager:
        assert (await manager.post(url, content=body)).json()["created"] == 3
        answer = (
            await manager.post(f"{url}?on_duplicate=refuse", content=ndjson({"text": "two"}, {"text": "new"}))
        ).json()
        assert (answer["created"], answer["duplicates"], answer["problems"][0]["severity"]) == (
            1,
            1,
            "duplicate",
        )
        again = (
            await manager.post(f"{url}?on_duplicate=refuse", content=ndjson({"text": "x"}, {"text": "x"}))
        ).json()
        assert (again["created"], again["duplicates"]) == (1, 1)


async def test_a_stream_is_settled_in_portions(client_of: ClientOf, project_id: str) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, 2500, 50):
            yield b"".join(json.dumps({"text": f"t{n}"}).encode() + b"\n" for n in range(start, start + 50))
            await asyncio.sleep(0)

    async with client_of("one_manager") as manager:
        answer = await manager.post(f"/projects/{project_id}/items/bulk", content=stream())
        assert answer.json()["created"] == 2500
        seen: list[str] = []
        cursor = ""
        while True:
            params = {"limit": "500", **({"cursor": cursor} if cursor else {})}
            page = (await manager.get(f"/projects/{project_id}/items", params=params)).json()
            seen += [item["name"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = page["next_cursor"]
    assert seen == [f"t{n}" for n in range(2500)]


async def test_who_may_bring_items_in(
    client_of: ClientOf, project_id: str, strangers: dict[str, Access], image_bytes: Callable[..., bytes]
) -> None:
    async with client_of("one_reviewer") as reviewer, client_of("two_owner") as stranger:
        bulk = f"/projects/{project_id}/items/bulk"
        assert (await reviewer.post(bulk, content=ndjson({"text": "a"}))).status_code == 403
        assert (await stranger.post(bulk, content=ndjson({"text": "a"}))).status_code == 404
        assert (await stranger.post("/workspaces/wsp_one/blobs", content=image_bytes(1))).status_code == 404
    async with client_of("one_manager") as manager, client_of("two_owner") as stranger:
        sha256 = await upload(manager, image_bytes(1))
        made = await stranger.post("/workspaces/wsp_two/blobs", content=image_bytes(2))
        foreign = made.json()["sha256"]
        body = ndjson({"sha256": sha256}, {"sha256": foreign})
        answer = (await manager.post(bulk, content=body)).json()
        assert (answer["created"], answer["refused"]) == (1, 1)  # another workspace's original is not there


class Quiet:
    """Stands for labelling where nothing of it matters."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


async def test_an_archived_project_and_a_cancelled_batch_take_nothing(
    client_of: ClientOf, project_id: str, service: ItemsService, accesses: dict[str, Access]
) -> None:
    projects, write = service.projects, service.machine.database.write_sync
    projects.wire(usage=Quiet(), work=Quiet())
    owner = accesses["owner"]
    batch = write(lambda tx: projects.create_batch(tx, owner, project_id, name="Old"))
    write(lambda tx: projects.change_batch(tx, owner, batch.batch_id, state=BatchState.CANCELLED))
    async with client_of("one_manager") as manager:
        url = f"/projects/{project_id}/items/bulk"
        assert (await manager.post(f"{url}?batch=Old", content=ndjson({"text": "a"}))).status_code == 409
        assert (await manager.post(f"{url}?batch=New", content=ndjson({"text": "a"}))).status_code == 200
        write(lambda tx: projects.change_project(tx, owner, project_id, state=ProjectState.ARCHIVED))
        assert (await manager.post(url, content=ndjson({"text": "a"}))).status_code == 409
