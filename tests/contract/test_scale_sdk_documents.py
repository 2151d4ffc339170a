"""Scale's own client sends PDF files and several pages to be transcribed, and is told on which page what stands."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from scaleapi.tasks import TaskType

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.labeling.api import TaskPayload
from tests.contract.site import Desk, picture_bytes
from tests.pdf_files import pdf_of

THREE = pdf_of(["Invoice", "Terms", "Signature"], sizes=[(595, 842), (842, 595), (595, 842)])
FEATURES = [{"type": "text", "label": "word"}]
WORD_AT = (72.0, 60.0, 300.0, 110.0)
"""left, top, right, bottom of the word in pixels of its page"""


def project(desk: Desk) -> str:
    name = desk.name("papers")
    desk.client.create_project(name, TaskType.DocumentTranscription, params={"features": FEATURES})
    return name


def uploaded(desk: Desk, data: bytes) -> str:
    return str(desk.client.upload_file(io.BytesIO(data)).attachment_url)


def handed(desk: Desk, name: str) -> tuple[TaskPayload, str, str]:
    """The next task, and the ids of the class and of its text."""
    with desk.people() as people:
        project_id = desk.goldsmith_project(name)
        desk.until(lambda: bool(desk.ask(f"/projects/{project_id}/tasks")["items"]))
        payload = people.next_task(project_id)
        assert payload is not None
        (label_class,) = desk.ask(f"/projects/{project_id}/ontology")["ontology"]["classes"]
        return payload, label_class["class_id"], label_class["attributes"][0]["attribute_id"]


def transcribe(desk: Desk, name: str, words: dict[int, str]) -> TaskPayload:
    """Write one word on each of some pages, as people do in the workbench: in the plane of all pages."""
    payload, class_id, text_id = handed(desk, name)
    parts = payload.item.parts or []
    left, top, right, bottom = WORD_AT
    drawn = []
    for number, word in words.items():
        page = parts[number].page
        assert page is not None
        box = Box(box_xyxy=(left, page.top + top, right, page.top + bottom))
        drawn.append(
            Annotation(
                annotation_id=f"w{number}", class_id=class_id, geometry=box, attributes={text_id: word}
            )
        )
    with desk.people() as people:
        people.submit(
            payload, Labelling(annotations=drawn), request_key=payload.lease.judgement_id, active_ms=4000
        )
    return payload


def told(task: Any) -> list[tuple[int, str, float, float]]:
    return [
        (entry["page"], entry["text"], entry["location"]["left"], entry["location"]["top"])
        for entry in task.as_dict()["response"]["annotations"]
    ]


def test_a_pdf_is_transcribed_page_by_page(live: Desk) -> None:
    name = project(live)
    task = live.client.create_task(
        TaskType.DocumentTranscription, project=name, attachment=uploaded(live, THREE), features=FEATURES
    )
    payload = transcribe(live, name, {0: "Invoice", 2: "Signature"})
    assert [part.kind for part in payload.item.parts or []] == ["image"] * 3
    body = live.wait(task, "completed").as_dict()
    assert told(task) == [(0, "Invoice", 72, 60), (2, "Signature", 72, 60)]
    sizes = [(page["width"], page["height"]) for page in body["document_pages"]]
    assert [width > height for width, height in sizes] == [False, True, False]
    last = body["response"]["annotations"][1]
    assert last == {
        "uuid": last["uuid"],
        "page": 2,
        "label": "word",
        "text": "Signature",
        "location": {"type": "box", "left": 72, "top": 60, "width": 228, "height": 50},
        "refs": [],
    }


def test_pages_of_all_attachments_are_counted_on_and_prelabels_lie_on_theirs(live: Desk) -> None:
    name = project(live)
    picture = picture_bytes((240, 240, 240))
    word = {"label": "word", "text": "Terms", "page": 2}
    location = {"type": "box", "left": 10, "top": 20, "width": 30, "height": 15}
    task = live.client.create_task(
        TaskType.DocumentTranscription,
        project=name,
        attachments=[uploaded(live, picture), uploaded(live, THREE), f"{live.site.pictures_url}/cow.jpg"],
        features=FEATURES,
        hypothesis={"annotations": [{**word, "location": location}]},
    )
    payload, _, _ = handed(live, name)
    pages = [part.page for part in payload.item.parts or []]
    assert len(pages) == 5
    with Image.open(io.BytesIO(picture)) as image:
        assert pages[0] is not None and (pages[0].width, pages[0].height) == image.size
    assert payload.prelabel is not None and pages[2] is not None
    top = pages[2].top + 20
    assert payload.prelabel.annotations[0].geometry == Box(box_xyxy=(10, top, 40, top + 15))
    with live.people() as people:
        people.submit(payload, payload.prelabel, request_key=payload.lease.judgement_id, active_ms=4000)
    live.wait(task, "completed")
    assert told(task) == [(2, "Terms", 10, 20)]


def test_one_picture_is_an_image_as_before(live: Desk) -> None:
    name = project(live)
    task = live.client.create_task(
        TaskType.DocumentTranscription, project=name, attachment=live.attachment, features=FEATURES
    )
    with live.people() as people:
        payload, class_id, text_id = handed(live, name)
        assert (payload.item.kind, payload.item.parts) == ("image", None)
        word = Annotation(
            annotation_id="w", class_id=class_id, geometry=Box(box_xyxy=WORD_AT), attributes={text_id: "Moo"}
        )
        people.submit(
            payload, Labelling(annotations=[word]), request_key=payload.lease.judgement_id, active_ms=4000
        )
    body = live.wait(task, "completed").as_dict()
    assert told(task) == [(0, "Moo", 72, 60)]
    assert body["document_pages"] == [{"width": payload.item.width, "height": payload.item.height}]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (pdf_of(["x"], encrypt=True), "asks for a password"),
        (pdf_of(["x"] * 201), "has 201 pages; at most 200"),
        (pdf_of(["x"], sizes=[(1e7, 1e7)]), "at most 200 are taken"),
    ],
    ids=["password", "pages", "size"],
)
def test_a_file_that_cannot_be_shown_ends_as_an_error_that_says_why(
    live: Desk, data: bytes, why: str
) -> None:
    name = project(live)
    task = live.client.create_task(
        TaskType.DocumentTranscription, project=name, attachment=uploaded(live, data), features=FEATURES
    )
    assert why in live.wait(task, "error").as_dict()["error"]


def test_in_test_mode_it_is_answered_at_once(site: Any) -> None:
    desk = site.desk("test")
    name = project(desk)
    task = desk.client.create_task(
        TaskType.DocumentTranscription, project=name, attachment="http://127.0.0.1:9/a.pdf", features=FEATURES
    )
    body = task.as_dict()
    assert (body["status"], body["response"]["annotations"][0]["page"]) == ("completed", 0)
    assert body["document_pages"] == [{"width": 640, "height": 480}]
