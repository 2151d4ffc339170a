"""Documents of pages are labelled like pictures; their export tells the pages, on both databases."""

from __future__ import annotations

import json
from typing import Any

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.items.api import ItemsService, NewItem, NewTask
from goldsmith.labeling.api import ExportLabels
from goldsmith.platform.database import Transaction
from tests.integration.labeling.conftest import House, labelling
from tests.pdf_files import pdf_of


def box(annotation_id: str, top: float) -> Annotation:
    geometry = Box(box_xyxy=(10, top, 60, top + 20))
    return Annotation(annotation_id=annotation_id, class_id="car", geometry=geometry)


def exported(house: House) -> list[dict[str, Any]]:
    export = house.write(
        lambda tx: house.labeling.open_export(
            tx, house.project_id, labels=ExportLabels.SUBMISSIONS, state=None
        )
    )
    return [json.loads(line) for line in b"".join(export.as_jsonl()).splitlines()]


def test_an_export_tells_the_pages_and_which_one_each_object_is_on(house: House) -> None:
    house.project()
    items = ItemsService(house.machine, house.projects)
    put = items.put_pages("wsp_test", pdf_of(["one", "two"]))

    def make(tx: Transaction) -> None:
        (media,) = items.document_media(tx, workspace_id="wsp_test", documents=[put.parts], source=put.source)
        entry = NewItem("letter.pdf", media.sha256, media.width_px, media.height_px, media.kind)
        item_ids = items.create_items(tx, workspace_id="wsp_test", entries=[entry])
        batch = house.projects.ensure_batch(tx, project_id=house.project_id, created_by="system")
        house.labeling.make_tasks(
            tx, project_id=house.project_id, batch_id=batch.batch_id, entries=[NewTask(item_ids[0])]
        )

    house.write(make)
    ann = house.member("ann")
    first, second = (part.height_px or 0 for part in put.parts)
    drawn = Labelling(annotations=[box("a", 5), box("b", first + 32 + 7)])
    house.submit(ann, house.next(ann), drawn)
    (task_id,) = house.tasks(1)
    house.submit(ann, house.next(ann), labelling(class_id="car"))

    document, picture = sorted(exported(house), key=lambda line: line["task_id"] == task_id)
    assert document["pages"] == [
        {"top": 0, "width": document["width"], "height": first},
        {"top": first + 32, "width": document["width"], "height": second},
    ]
    assert document["page_of"] == {"a": 0, "b": 1}
    assert [entry["annotation_id"] for entry in document["labelling"]["annotations"]] == ["a", "b"]
    assert "pages" not in picture
