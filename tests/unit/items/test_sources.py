"""Sources and records of imports, without any database."""

from __future__ import annotations

import json
from pathlib import Path

from goldsmith.formats import FolderSource, Sample
from goldsmith.items.jobs.records import RecordReader, unknown_classes
from goldsmith.items.jobs.sources import BlobSource, UrlSource
from goldsmith.items.types import ImportPlan, Problem, UploadedFile
from goldsmith.platform.blobs import BlobStore
from goldsmith.platform.fetcher import Fetcher
from goldsmith.platform.settings import Settings


def plan(**options: object) -> ImportPlan:
    return ImportPlan.model_validate({"source": {"kind": "folder", "path": "/x"}, **options})


def reader(folder: Path, **options: object) -> RecordReader:
    return RecordReader(FolderSource(folder), plan(**options), prefers_boxes=False)


def test_urls_get_names_of_their_own_and_lose_their_secrets() -> None:
    urls = [
        "https://user:pass@host.example/a/x.png?key=1#f",
        "https://host.example/b/x.png",
        "https://host.example/b/x.png",
        "https://host.example/",
        "https://host.example/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "https://host.example/caf%C3%A9.jpg",
    ]
    source = UrlSource(Fetcher(Settings()), urls)
    names = list(source.names())
    assert names[:3] == ["x.png", "x-2.png", "file"]
    assert names[4] == "café.jpg"
    assert len(names) == len(set(names)) == 5
    assert not any("/" in name or ".." in name for name in names)
    assert source.public_url("x.png") == "https://host.example/a/x.png"


def test_uploads_with_names_that_may_not_be_used(tmp_path: Path) -> None:
    files = [UploadedFile(name=name, sha256="0" * 64, size_bytes=1) for name in ("b", "a", "../c", "a", "")]
    source = BlobSource(BlobStore(tmp_path.as_uri()), files)
    assert source.names() == ["a", "b"]
    assert len(source.refused) == 3


def test_records_are_the_same_at_every_reading_from_any_place(tmp_path: Path) -> None:
    for name in ("b.png", "a/x.png", ".hidden/y.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    lines = [{"file_name": "b.png", "group": "g", "k": 1}]
    (tmp_path / "metadata.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n[1]\n")
    whole = list(reader(tmp_path).records())
    assert [entry.name if isinstance(entry, Sample) else entry.where for entry in whole] == [
        "metadata.jsonl: line 2", "a/x.png", "b.png", "notes.txt",
    ]  # fmt: skip
    for start in range(5):
        assert list(reader(tmp_path).records(start=start)) == whole[start:]
    by_name = {entry.name: entry for entry in whole if isinstance(entry, Sample)}
    assert (by_name["b.png"].group, by_name["b.png"].metadata) == ("g", {"k": 1})
    by_folder = [
        entry.group
        for entry in reader(tmp_path, group_by="folder").records(start=1)
        if isinstance(entry, Sample)
    ]
    assert by_folder == ["a", "", ""]


def test_the_survey_counts_classes_and_finds_what_no_label_names(tmp_path: Path) -> None:
    document = {
        "images": [{"id": 1, "file_name": "a.png", "width": 9, "height": 9}],
        "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "bus"}],
        "annotations": [
            {"id": n, "image_id": 1, "category_id": c, "bbox": [1, 1, 2, 2]} for n, c in enumerate((1, 1, 2))
        ],
    }
    (tmp_path / "labels.json").write_text(json.dumps(document))
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"")
    ticks: list[int] = []
    labelled = reader(tmp_path, labels_as="gold")
    assert labelled.format_name == "coco"
    found = labelled.survey(tick=ticks.append)
    assert (found.total, found.objects) == (1, {"car": 2, "bus": 1})
    assert [entry.class_id for entry in found.ontology.classes] == ["bus", "car"]
    assert [problem.where for problem in found.problems] == ["b.png"]
    unlabelled = reader(tmp_path).survey(tick=ticks.append)
    assert (unlabelled.total, unlabelled.objects) == (1, {})
    images = reader(tmp_path, format="images", labels_as="gold")
    assert not images.has_labels
    assert images.survey(tick=ticks.append).total == 3


def test_unknown_classes_are_told_once() -> None:
    from goldsmith.core.ontology import Ontology

    problems = unknown_classes({"car": 2}, Ontology())
    assert problems == [Problem("class 'car'", problems[0].what, "warning")]
    assert problems[0].what.startswith("2 objects")
