"""PDF files that are imported become documents of their pages, on both databases."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image
from tests.integration.items.test_imports import Importer, zipped
from tests.pdf_files import endless_pdf, pdf_of

from goldsmith.accounts.api import Access
from goldsmith.formats import Sample
from goldsmith.formats.sources import FolderSource
from goldsmith.items.api import ItemsService
from goldsmith.items.jobs.loading import MediaLoader
from goldsmith.items.types import ItemKind, Part, PartKind
from goldsmith.platform.database import Sql
from goldsmith.platform.jobs import JobInterrupted

ClientOf = Callable[[str], httpx.AsyncClient]
THREE = pdf_of(["Page one", "Page two", "Page three"], sizes=[(595, 842), (842, 595), (595, 842)])


@pytest.fixture
def importer(service: ItemsService, accesses: dict[str, Access], project_id: str) -> Importer:
    return Importer(service, accesses["manager"], project_id)


@pytest.mark.anyio
async def test_a_pdf_is_an_item_of_its_pages_beside_pictures(
    importer: Importer, client_of: ClientOf, project_id: str, image_bytes: Callable[..., bytes]
) -> None:
    files = {
        "a.png": image_bytes(1),
        "b/letter.pdf": THREE,
        "c.pdf": pdf_of(["x"], encrypt=True),
        "d.pdf": THREE,
    }
    job_id = importer.upload(files)
    view = importer.run(job_id)
    assert (view.imported, view.refused, view.duplicates) == (2, 1, 1)
    assert importer.problems(job_id)["c.pdf"] == (
        "refused",
        "the PDF asks for a password; save it without one",
    )
    item = next(row for row in importer.items() if row["name"] == "b/letter.pdf")
    assert item["kind"] == "document"

    viewer = client_of("one_viewer")
    detail = (await viewer.get(f"/items/{item['item_id']}")).json()
    pages = [part["page"] for part in detail["parts"]]
    assert [page["top"] for page in pages] == [
        0,
        pages[0]["height"] + 32,
        sum(p["height"] + 32 for p in pages[:2]),
    ]
    assert detail["width"] == max(page["width"] for page in pages)
    assert detail["height"] == pages[2]["top"] + pages[2]["height"]

    sent = await viewer.get(detail["parts"][1]["url"].removeprefix("/api/v1"))
    with Image.open(io.BytesIO(sent.content)) as image:
        assert image.size == (pages[1]["width"], pages[1]["height"])
    small = await viewer.get(detail["parts"][1]["url"].removeprefix("/api/v1") + "?variant=thumbnail")
    with Image.open(io.BytesIO(small.content)) as image:
        assert max(image.size) == 256
    original = await viewer.get(f"/items/{item['item_id']}/media", params={"variant": "original"})
    assert (original.content, original.headers["content-type"]) == (THREE, "application/pdf")

    cells = {
        cell["name"]: cell for cell in (await viewer.get(f"/projects/{project_id}/items")).json()["items"]
    }
    assert cells["a.png"]["cover"] is None
    cover = await viewer.get(cells["b/letter.pdf"]["cover"].removeprefix("/api/v1"))
    with Image.open(io.BytesIO(cover.content)) as image:
        assert max(image.size) == 256
    assert (await viewer.get(f"/items/{item['item_id']}/media/tiles/0/0/0")).status_code == 404


def test_labels_of_a_pdf_come_in_on_the_pages_that_they_lie_on(importer: Importer) -> None:
    pages = importer.service.put_pages(importer.access.workspace_id, THREE).parts
    first, second, third = (page.height_px or 0 for page in pages)
    top = first + 32
    document = {
        "images": [
            {
                "id": 1,
                "file_name": "letter.pdf",
                "width": max(page.width_px or 0 for page in pages),
                "height": top + second + 32 + third,
            }
        ],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, top + 5, 40, 20]}],
        "categories": [{"id": 1, "name": "car"}],
    }
    files = {"annotations.json": json.dumps(document).encode(), "images/letter.pdf": THREE}
    view = importer.run(importer.upload({"set.zip": zipped(files)}, labels_as="accepted"))
    assert (view.imported, view.labelled, view.refused) == (1, 1, 0)
    (item,) = importer.items()
    assert (item["kind"], item["name"]) == ("document", "letter.pdf")


def test_an_import_of_endless_pages_stops_when_it_is_asked_to(
    service: ItemsService, accesses: dict[str, Access], tmp_path: Path
) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(endless_pdf() + name.encode())
    samples = [Sample(path.name, 0, 0, media_name=path.name) for path in sorted(tmp_path.iterdir())]

    def stop() -> None:
        raise JobInterrupted

    workspace_id = accesses["manager"].workspace_id
    with (
        pytest.raises(JobInterrupted),
        MediaLoader(service, FolderSource(tmp_path), workspace_id, raise_if_cancelled=stop) as loader,
    ):
        loader.load(samples)


@pytest.mark.anyio
async def test_the_grid_tells_the_first_words_of_texts_and_documents(
    importer: Importer, service: ItemsService, client_of: ClientOf, project_id: str
) -> None:
    manager = client_of("one_manager")
    part = {"kind": "markdown", "text": "# Which?"}
    records = [{"name": "t", "text": "The quick  brown fox"}, {"name": "d", "parts": [part]}]
    lines = "\n".join(json.dumps(record) for record in records)
    sent = await manager.post(f"/projects/{project_id}/items/bulk", content=lines)
    assert sent.json()["created"] == 2, sent.text
    cells = {
        cell["name"]: cell for cell in (await manager.get(f"/projects/{project_id}/items")).json()["items"]
    }
    assert (cells["t"]["words"], cells["t"]["cover"]) == ("The quick brown fox", None)
    assert (cells["d"]["words"], cells["d"]["cover"]) == ("Which?", None)


def test_files_of_pages_are_taken_one_by_one(
    service: ItemsService, accesses: dict[str, Access], image_bytes: Callable[..., bytes]
) -> None:
    workspace_id = accesses["manager"].workspace_id
    parts = [
        *service.put_pages(workspace_id, THREE).parts,
        *service.put_pages(workspace_id, image_bytes(3)).parts,
    ]
    assert [part.kind for part in parts] == [PartKind.IMAGE] * 4
    (media,) = service.machine.database.write_sync(
        lambda tx: service.document_media(tx, workspace_id=workspace_id, documents=[parts])
    )
    assert media.kind is ItemKind.DOCUMENT
    assert media.height_px == sum(part.height_px or 0 for part in parts) + 3 * 32
    thumbnail = Sql(
        "SELECT thumbnail_sha256 FROM media WHERE workspace_id = :workspace_id AND sha256 = :sha256"
    )
    values = {"workspace_id": workspace_id, "sha256": media.sha256}
    assert service.machine.database.read_sync(lambda tx: tx.scalar(thumbnail, values)) is not None
    without_size = [Part(kind=PartKind.IMAGE, sha256=parts[0].sha256), parts[1]]
    (plain,) = service.machine.database.write_sync(
        lambda tx: service.document_media(tx, workspace_id=workspace_id, documents=[without_size])
    )
    assert (plain.width_px, plain.height_px) == (0, 0)
