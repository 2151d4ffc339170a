"""Every format of the registry is brought in by an import job: found out, fitted, its label files no images."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image
from tests.integration.items.test_imports import Importer
from tests.unit.formats.made import FACES, HEIGHT, ONE_OF_EACH, WIDTH

from goldsmith.accounts.api import Access
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.formats import FORMATS, FolderSource, Sample, ZipTarget, get_format
from goldsmith.items.api import ItemsService
from goldsmith.items.types import ImportOptions
from goldsmith.projects.api import ProjectsService

_HELD = {
    "yolo": {"polygon"},  # what an ontology of every kind makes of YOLO is segments
    "voc": {"box"},
    "masks": {"mask"},
}


def _picture(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def _archive(name: str) -> bytes:
    """A data set of two images, one of which shows a shape of each kind."""
    shapes = [
        Annotation(
            annotation_id=kind,
            class_id="face" if kind == "skeleton" else "bus",
            geometry=shape,
            group_id="pair" if kind in ("box", "ellipse") else None,
        )
        for kind, shape in ONE_OF_EACH.items()
    ]
    kinds = [kind for kind in ONE_OF_EACH if kind != "skeleton"]
    bus = FACES.classes[0].model_copy(update={"geometry_kinds": kinds})
    ontology = FACES.model_copy(update={"classes": [bus, FACES.classes[1]]})
    samples = [
        Sample("full.png", WIDTH, HEIGHT, Labelling(annotations=shapes), split="train"),
        Sample("empty.png", WIDTH, HEIGHT, split="train"),
    ]
    buffer = io.BytesIO()
    with ZipTarget(buffer) as target:
        get_format(name).write(
            samples, target, ontology=ontology, media=lambda sample: _picture(len(sample.name))
        )
    return buffer.getvalue()


@pytest.fixture
def empty(service: ItemsService, projects: ProjectsService, accesses: dict[str, Access]) -> Importer:
    """An importer into a project without an ontology."""
    project = service.machine.database.write_sync(
        lambda tx: projects.create_project(tx, accesses["manager"], name="Empty")
    )
    return Importer(service, accesses["manager"], project.project_id)


@pytest.mark.parametrize("name", list(FORMATS))
def test_an_import_takes_what_the_format_holds(empty: Importer, labelling: Any, name: str) -> None:
    job_id = empty.upload({"set.zip": _archive(name)}, labels_as="accepted")
    view = empty.run(job_id)
    assert (view.imported, view.labelled) == (2, 2)
    assert empty.problems(job_id) == {}
    entries = {row["name"].rpartition("/")[2]: labelling.entries[row["item_id"]] for row in empty.items()}
    found = entries["full.png"].labelling.annotations
    assert {entry.geometry.kind for entry in found} == _HELD.get(name, set(ONE_OF_EACH))
    ontology = empty.service.machine.database.read_sync(
        lambda tx: empty.service.projects.get_ontology(tx, empty.project_id)
    )
    assert ontology.faults_of(entries["full.png"].labelling) == []
    if get_format(name).capabilities.has_object_groups and name != "masks":
        assert sorted(entry.geometry.kind for entry in found if entry.group_id) == ["box", "ellipse"]


def test_the_formats_of_the_registry_are_those_that_can_be_asked_for() -> None:
    asked = set(get_args(ImportOptions.model_fields["format"].annotation))
    assert asked == {"auto", "images", "goldsmith-jsonl", *FORMATS}


def test_outlines_in_parts_become_what_the_project_draws(
    service: ItemsService, projects: ProjectsService, accesses: dict[str, Access], labelling: Any
) -> None:
    access = accesses["manager"]
    ontology = Ontology(classes=[LabelClass(class_id="car", name="Car", geometry_kinds=["polygon"])])
    project = service.machine.database.write_sync(
        lambda tx: projects.create_project(tx, access, name="Polygons", ontology=ontology)
    )
    importer = Importer(service, access, project.project_id)
    document = (
        '{"images":[{"id":1,"file_name":"a.png","width":64,"height":48}],"categories":[{"id":1,"name":"car"}],'
        '"annotations":[{"id":1,"image_id":1,"category_id":1,'
        '"segmentation":[[1.25,1,9,1,9,9],[20,20,30.5,20,30,30]],"bbox":[1,1,29,29]}]}'
    )
    files = {"a.json": document.encode(), "a.png": _picture(1)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    job_id = importer.upload({"set.zip": buffer.getvalue()}, labels_as="accepted")
    assert importer.run(job_id).labelled == 1
    (row,) = importer.items()
    found = labelling.entries[row["item_id"]].labelling.annotations
    assert [entry.geometry.rings[0][0] for entry in found] == [(1.25, 1), (20, 20)]
    assert len({entry.group_id for entry in found}) == 1


def test_real_data_of_each_format_is_found_out(tmp_path: Path) -> None:
    for name in FORMATS:
        with zipfile.ZipFile(io.BytesIO(_archive(name))) as archive:
            archive.extractall(tmp_path / name)
        source = FolderSource(tmp_path / name)
        assert next(entry.name for entry in FORMATS.values() if entry.recognises(source)) == name
