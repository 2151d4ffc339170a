"""Imports from zips, single files, folders and URLs, good and nasty, on both databases."""

from __future__ import annotations

import io
import json
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from goldsmith.accounts.api import Access
from goldsmith.core.errors import PermissionDeniedError
from goldsmith.core.ids import ManualClock
from goldsmith.core.ontology import Ontology
from goldsmith.items.api import ItemsService, LabelsAs
from goldsmith.items.types import ImportPlan, ImportView
from goldsmith.platform.database import Sql, Transaction
from goldsmith.projects.api import ProjectsService

ClientOf = Callable[[str], httpx.AsyncClient]
ImageBytes = Callable[..., bytes]
Rows = list[dict[str, Any]]


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


class Importer:
    """Runs imports and reads what became of them."""

    def __init__(self, service: ItemsService, access: Access, project_id: str) -> None:
        self.service = service
        self.access = access
        self.project_id = project_id

    def request(self, source: dict[str, Any], **options: Any) -> str:
        plan = ImportPlan.model_validate({"source": source, **options})
        return self.service.machine.database.write_sync(
            lambda tx: self.service.request_import(tx, self.access, self.project_id, plan)
        )

    def upload(self, files: dict[str, bytes], **options: Any) -> str:
        put = {name: self.service.machine.blobs.put(data) for name, data in files.items()}
        listed = [
            {"name": name, "sha256": put[name], "size_bytes": len(data)} for name, data in files.items()
        ]
        return self.request({"kind": "upload", "files": listed}, **options)

    def run(self, job_id: str) -> ImportView:
        self.service.machine.jobs.run_until_idle()
        job = self.service.machine.database.read_sync(lambda tx: self.service.machine.jobs.get(tx, job_id))
        assert job.state == "done", job.error
        view = self.view(job_id)
        assert job.result is not None
        assert job.result["imported"] == view.imported
        return view

    def view(self, job_id: str) -> ImportView:
        return self.service.machine.database.read_sync(lambda tx: self.service.get_import(tx, job_id))

    def problems(self, job_id: str) -> dict[str, tuple[str, str]]:
        found = self.service.machine.database.read_sync(
            lambda tx: self.service.list_problems(tx, job_id, after=0, limit=1000)
        )
        return {problem.where: (problem.severity, problem.what) for _, problem in found}

    def items(self) -> Rows:
        statement = Sql(
            "SELECT i.*, t.task_id FROM items i JOIN tasks t ON t.item_id = i.item_id "
            "WHERE t.project_id = :project_id ORDER BY i.item_id"
        )
        rows = self.service.machine.database.read_sync(
            lambda tx: tx.all(statement, {"project_id": self.project_id})
        )
        return [dict(row) for row in rows]


@pytest.fixture
def importer(service: ItemsService, accesses: dict[str, Access], project_id: str) -> Importer:
    return Importer(service, accesses["manager"], project_id)


def test_a_nasty_archive_gives_its_good_files_and_reasons_for_the_others(
    importer: Importer, image_bytes: ImageBytes
) -> None:
    jpeg = image_bytes(1, "JPEG")
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + b"IHDR"
        + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    )
    files = {
        "a/good.jpg": jpeg,
        "a/übermäßig gut 😀.png": image_bytes(2),
        "b/named.txt": image_bytes(3),
        "b/copy.jpg": jpeg,
        "cut.jpg": jpeg[:-40],
        "page.jpg": b"<!DOCTYPE html><script>alert(1)</script>",
        "empty.png": b"",
        "bomb.png": bomb + struct.pack(">I", 0) + b"\0\0\0\0IDAT\0\0\0\0",
        "inner.zip": zipped({"deep.png": image_bytes(4)}),
        "../escape.png": image_bytes(5),
        "/absolute.png": image_bytes(6),
        "C:\\windows.png": image_bytes(7),
        ".DS_Store": b"junk",
        "__MACOSX/a/._good.jpg": b"junk",
    }
    job_id = importer.upload({"pictures.zip": zipped(files)}, batch="Zip")
    view = importer.run(job_id)
    assert [row["name"] for row in importer.items()] == [
        "a/good.jpg",
        "a/übermäßig gut 😀.png",
        "b/named.txt",
    ]
    assert (view.imported, view.duplicates, view.refused, view.labelled, view.settled) == (3, 1, 8, 0, 12)
    problems = importer.problems(job_id)
    expected = {
        "b/copy.jpg": ("duplicate", "same bytes"),
        "cut.jpg": ("refused", "cut short"),
        "page.jpg": ("refused", "HTML"),
        "empty.png": ("refused", "empty"),
        "bomb.png": ("refused", ""),
        "inner.zip": ("refused", "zip"),
        "'../escape.png'": ("refused", "'..'"),
        "'/absolute.png'": ("refused", "relative"),
    }
    for where, (severity, word) in expected.items():
        assert problems[where][0] == severity
        assert word in problems[where][1]
    assert len(problems) == 9
    assert importer.items()[0]["source"] == f"{job_id}/a/good.jpg"


def test_the_archive_is_dropped_and_originals_are_kept(importer: Importer, image_bytes: ImageBytes) -> None:
    archive, loose = zipped({"a.png": image_bytes(1)}), image_bytes(2)
    blobs = importer.service.machine.blobs
    importer.run(importer.upload({"a.zip": archive}))
    importer.run(importer.upload({"b.png": loose, "broken.png": b"nothing"}))
    assert [row["name"] for row in importer.items()] == ["a.png", "b.png"]
    assert all(blobs.exists(row["sha256"]) for row in importer.items())
    import hashlib

    assert not blobs.exists(hashlib.sha256(archive).hexdigest())
    assert not blobs.exists(hashlib.sha256(b"nothing").hexdigest())


def test_orientation_and_thumbnails_come_with_the_import(
    importer: Importer, image_bytes: ImageBytes, folder: Path
) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    write_files(folder, {"turned.jpg": image_bytes(1, "JPEG", width=60, height=20, exif=exif.tobytes())})
    importer.run(importer.request({"kind": "folder", "path": str(folder)}))
    item = importer.items()[0]
    assert (item["width_px"], item["height_px"]) == (20, 60)


def test_a_folder_with_groups_and_metadata(importer: Importer, image_bytes: ImageBytes, folder: Path) -> None:
    sidecar = [
        {"file_name": "drive1/a.png", "group": "G", "weather": "rain", "temperature": 3.5},
        {"file_name": "drive2/b.png", "city": "Ulm"},
    ]
    lines = b"\n".join([*(json.dumps(line).encode() for line in sidecar), b"{broken", b'{"no": "name"}'])
    files = {"drive1/a.png": image_bytes(1), "drive2/b.png": image_bytes(2), "metadata.jsonl": lines}
    write_files(folder, files)
    job_id = importer.request({"kind": "folder", "path": str(folder)})
    view = importer.run(job_id)
    assert (view.imported, view.refused, view.warnings) == (2, 0, 2)
    first, second = importer.items()
    assert (first["group_key"], json.loads(first["metadata"])) == (
        "G",
        {"weather": "rain", "temperature": 3.5},
    )
    assert (second["group_key"], json.loads(second["metadata"])) == ("", {"city": "Ulm"})
    write_files(folder, {"drive3/c.png": image_bytes(3)})
    again = importer.run(importer.request({"kind": "folder", "path": str(folder)}, group_by="folder"))
    assert (again.imported, again.duplicates) == (1, 2)
    assert importer.items()[2]["group_key"] == "drive3"


def test_only_folders_that_are_allowed(importer: Importer, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "link").symlink_to(outside)
    for path in (
        str(outside),
        str(folder / "link"),
        f"{folder}/../outside",
        "relative",
        "/etc",
        str(folder / "no"),
    ):
        with pytest.raises(PermissionDeniedError, match="import_roots"):
            importer.request({"kind": "folder", "path": path})
    (folder / "sub").mkdir()
    importer.request({"kind": "folder", "path": str(folder / "sub")})


def coco(images: dict[str, tuple[int, int]], boxes: list[tuple[int, str, list[float]]]) -> bytes:
    names = sorted({name for _, name, _ in boxes})
    document = {
        "images": [
            {"id": number, "file_name": name, "width": size[0], "height": size[1]}
            for number, (name, size) in enumerate(images.items(), start=1)
        ],
        "categories": [{"id": number, "name": name} for number, name in enumerate(names, start=1)],
        "annotations": [
            {
                "id": number,
                "image_id": image,
                "category_id": names.index(name) + 1,
                "bbox": box,
                "area": 1,
                "iscrowd": 0,
            }
            for number, (image, name, box) in enumerate(boxes, start=1)
        ],
    }
    return json.dumps(document).encode()


@pytest.fixture
def street(image_bytes: ImageBytes) -> dict[str, bytes]:
    """A small COCO set: cars and a bus, a box beyond the border, an image of another size, one that no label names."""
    images = {"a.png": (40, 30), "b.png": (40, 30), "wrong.png": (80, 60), "gone.png": (40, 30)}
    boxes = [
        (1, "car", [1.0, 2.0, 10.0, 8.0]),
        (1, "bus", [5.0, 5.0, 10.0, 10.0]),
        (1, "car", [30.0, 20.0, 50.0, 50.0]),
        (3, "car", [1.0, 1.0, 5.0, 5.0]),
        (4, "car", [1.0, 1.0, 5.0, 5.0]),
    ]
    return {
        "annotations.json": coco(images, boxes),
        "images/a.png": image_bytes(1),
        "images/b.png": image_bytes(2),
        "images/wrong.png": image_bytes(3),
        "images/unnamed.png": image_bytes(4),
    }


@pytest.mark.parametrize("labels_as", [LabelsAs.GOLD, LabelsAs.PRELABELS, LabelsAs.ACCEPTED])
def test_coco_labels_fit_the_ontology_or_are_listed(
    importer: Importer, labelling: Any, street: dict[str, bytes], labels_as: LabelsAs
) -> None:
    job_id = importer.upload({"street.zip": zipped(street)}, format="coco", labels_as=labels_as)
    view = importer.run(job_id)
    entries = {row["name"].rpartition("/")[2]: labelling.entries[row["item_id"]] for row in importer.items()}
    assert set(entries) == {"a.png", "b.png", "wrong.png"}
    boxes = [annotation.geometry.box_xyxy for annotation in entries["a.png"].labelling.annotations]
    assert sorted(boxes) == [(1.0, 2.0, 11.0, 10.0), (30.0, 20.0, 40.0, 30.0)]
    assert {annotation.class_id for annotation in entries["a.png"].labelling.annotations} == {"car"}
    assert entries["a.png"].labels_as == labels_as
    if labels_as is LabelsAs.PRELABELS:
        assert entries["b.png"].labelling is None  # nothing to start from
    else:
        assert entries["b.png"].labelling.annotations == []  # an image without objects is an answer
    assert entries["wrong.png"].labelling is None
    assert entries["wrong.png"].labels_as is LabelsAs.NONE
    problems = importer.problems(job_id)
    assert "1 objects are left out" in problems["class 'bus'"][1]
    assert any("80 x 60" in what for _, what in problems.values())
    assert any("no label file names" in what for _, what in problems.values())
    assert any(
        "not among the files" in what or "gone.png" in where + what for where, (_, what) in problems.items()
    )
    assert view.imported == 3
    setup = importer.service.machine.database.read_sync(
        lambda tx: importer.service.projects.get_setup(tx, importer.project_id)
    )
    assert setup.project.ontology_version == 1


def test_the_ontology_is_extended_when_asked(
    importer: Importer, labelling: Any, street: dict[str, bytes]
) -> None:
    importer.run(importer.upload({"street.zip": zipped(street)}, labels_as="gold", ontology="extend"))
    ontology: Ontology = importer.service.machine.database.read_sync(
        lambda tx: importer.service.projects.get_ontology(tx, importer.project_id)
    )
    assert [entry.class_id for entry in ontology.classes] == ["car", "bus"]
    first = labelling.entries[importer.items()[0]["item_id"]]
    assert sorted(annotation.class_id for annotation in first.labelling.annotations) == ["bus", "car", "car"]


def test_a_project_without_ontology_takes_that_of_the_labels(
    service: ItemsService, projects: ProjectsService, accesses: dict[str, Access], street: dict[str, bytes]
) -> None:
    project = service.machine.database.write_sync(
        lambda tx: projects.create_project(tx, accesses["manager"], name="Empty")
    )
    importer = Importer(service, accesses["manager"], project.project_id)
    job_id = importer.upload({"street.zip": zipped(street)}, labels_as="accepted")
    importer.run(job_id)
    ontology = service.machine.database.read_sync(lambda tx: projects.get_ontology(tx, project.project_id))
    assert [entry.class_id for entry in ontology.classes] == ["bus", "car"]
    assert "class 'bus'" not in importer.problems(job_id)


def test_labels_are_left_out_unless_asked_for(
    importer: Importer, labelling: Any, street: dict[str, bytes]
) -> None:
    view = importer.run(importer.upload({"street.zip": zipped(street)}))
    assert (view.imported, view.labelled) == (3, 0)
    assert all(entry.labelling is None for entry in labelling.entries.values())


@pytest.fixture
def web() -> Iterator[dict[str, bytes]]:
    """A web server on loopback that serves what is put in here by path; ``/flaky`` paths fail once."""
    pages: dict[str, bytes] = {}
    failed: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            is_failing = path.startswith("/flaky") and path not in failed
            failed.add(path)
            self.send_response(503 if is_failing else 200 if path in pages else 404)
            self.end_headers()
            self.wfile.write(b"" if is_failing else pages.get(path, b""))

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    pages["base"] = f"127.0.0.1:{server.server_port}".encode()
    yield pages
    server.shutdown()
    thread.join()
    server.server_close()


def test_urls_are_fetched_and_their_secrets_not_kept(
    importer: Importer, image_bytes: ImageBytes, web: dict[str, bytes]
) -> None:
    host = web.pop("base").decode()
    web |= {"/a/one.png": image_bytes(1), "/b/one.png": image_bytes(2), "/flaky.png": image_bytes(3)}
    web["/page.png"] = b"<html>"
    urls = [f"http://{host}{path}" for path in (*web, "/nothing.png")]
    urls[0] += "?token=secret"
    job_id = importer.request({"kind": "urls", "urls": urls})
    view = importer.run(job_id)
    assert (view.imported, view.refused) == (3, 2)
    assert [row["name"] for row in importer.items()] == ["one.png", "one-2.png", "flaky.png"]
    assert [row["source"] for row in importer.items()] == [
        "http://127.0.0.1" + path for path in list(web)[:3]
    ]
    assert "could not be fetched" in importer.problems(job_id)["nothing.png"][1]


def test_an_import_is_cancelled_between_chunks(
    importer: Importer, image_bytes: ImageBytes, folder: Path, labelling: Any, clock: ManualClock
) -> None:
    write_files(folder, {f"{number}.png": image_bytes(number) for number in range(6)})
    job_id = importer.request({"kind": "folder", "path": str(folder)})
    jobs = importer.service.machine.jobs

    def cancel(tx: Transaction) -> None:
        clock.advance(1000)
        jobs.request_cancel(tx, job_id)

    labelling.on_tasks_made = cancel
    jobs.run_until_idle()
    assert importer.service.machine.database.read_sync(lambda tx: jobs.get(tx, job_id)).state == "cancelled"
    assert importer.view(job_id).imported == len(importer.items()) == 2


@pytest.mark.anyio
async def test_imports_over_http(
    client_of: ClientOf,
    importer: Importer,
    image_bytes: ImageBytes,
    strangers: dict[str, Access],
    folder: Path,
) -> None:
    url = f"/projects/{importer.project_id}/imports"
    files = [
        ("files", ("one.png", image_bytes(1))),
        ("files", ("two.png", b"<html>")),
        ("files", ("one.png", b"")),
    ]
    async with client_of("one_manager") as manager, client_of("one_annotator") as annotator:
        answer = await manager.post(url, files=files, data={"batch": "Form", "priority": "4"})
        assert answer.status_code == 202, answer.text
        job_id = answer.json()["job_id"]
        importer.run(job_id)
        view = (await manager.get(f"/imports/{job_id}")).json()
        assert (view["imported"], view["refused"], view["options"]["batch"]) == (1, 2, "Form")
        first = (await manager.get(f"/imports/{job_id}/problems?limit=1")).json()
        rest = (await manager.get(f"/imports/{job_id}/problems?cursor={first['next_cursor']}")).json()
        assert [entry["number"] for entry in first["items"] + rest["items"]] == [1, 2]
        listed = (await manager.get(url)).json()["items"]
        assert [entry["import_id"] for entry in listed] == [job_id]

        source = {"kind": "folder", "path": str(folder)}
        assert (await manager.post(url, json={"source": source})).status_code == 202
        assert (
            await manager.post(url, json={"source": {"kind": "folder", "path": "/etc"}})
        ).status_code == 403
        assert (
            await manager.post(url, json={"source": {"kind": "urls", "urls": ["file:///etc/passwd"]}})
        ).status_code == 422
        sneaky = {"kind": "upload", "files": [{"name": "x", "sha256": "0" * 64, "size_bytes": 1}]}
        assert (await manager.post(url, json={"source": sneaky})).status_code == 422
        assert (await manager.post(url, json={"source": source, "format": "docx"})).status_code == 422
        assert (await manager.post(url, data={"batch": "x"}, files={"other": b""})).status_code in (202, 422)
        assert (
            await manager.post(url, content=b"x", headers={"content-type": "text/plain"})
        ).status_code == 400
        assert (await annotator.post(url, json={"source": source})).status_code == 403
        assert (await annotator.get(f"/imports/{job_id}")).status_code == 403
        big = {"files": ("big.zip", b"0" * 60_000_000)}
        assert (await manager.post(url, files=big)).status_code == 413
    async with client_of("two_owner") as stranger:
        for path in (url, f"/imports/{job_id}", f"/imports/{job_id}/problems"):
            assert (await stranger.get(path)).status_code == 404
