"""Parts of documents, the scope that names some, and what files are."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from goldsmith.items.policy.files import shown_type, tell_file
from goldsmith.items.policy.records import Line, read_records
from goldsmith.items.types import LabelsAs, Part, PartKind, TaskScope

SHA = "a" * 64


@pytest.mark.parametrize(
    ("part", "is_good"),
    [
        ({"kind": "text", "text": "x"}, True),
        ({"kind": "markdown", "sha256": SHA, "media_type": "text/plain"}, True),
        ({"kind": "pdf", "sha256": SHA, "title": "A"}, True),
        ({"kind": "website", "url": "https://a.example/b"}, True),
        ({"kind": "text", "text": "x", "sha256": SHA}, False),
        ({"kind": "text", "text": ""}, False),
        ({"kind": "text", "text": "a\0b"}, False),
        ({"kind": "pdf", "text": "x"}, False),
        ({"kind": "image", "url": "https://a.example/b"}, False),
        ({"kind": "image"}, False),
        ({"kind": "website", "url": "javascript:alert(1)"}, False),
        ({"kind": "website", "url": "https://a b"}, False),
        ({"kind": "text", "text": "x", "media_type": "text/html"}, False),
        ({"kind": "table", "text": "x"}, False),
    ],
)
def test_a_part_carries_one_thing_of_its_kind(part: dict[str, str], is_good: bool) -> None:
    if is_good:
        assert Part.model_validate(part).kind == part["kind"]
    else:
        with pytest.raises(ValidationError):
            Part.model_validate(part)


def test_a_scope_is_shown_with_the_addresses_of_its_files() -> None:
    scope = TaskScope(
        instructions="do",
        class_ids=["a"],
        context=[
            Part(kind=PartKind.TEXT, text="hello"),
            Part(kind=PartKind.IMAGE, sha256=SHA, media_type="image/png", title="Before"),
            Part(kind=PartKind.WEBSITE, url="https://a.example/b"),
        ],
    )
    view = scope.view("tsk_1")
    assert (view.instructions, view.class_ids, view.question_ids) == ("do", ["a"], None)
    assert [part.url for part in view.context] == [
        None,
        "/api/v1/tasks/tsk_1/context/1",
        "https://a.example/b",
    ]
    assert SHA not in view.model_dump_json()
    assert TaskScope.model_validate_json(scope.model_dump_json(exclude_defaults=True)) == scope


@pytest.mark.parametrize(
    "limits", [{"blob": {}}, {"box": {"min_points": 3, "max_points": 2}}, {"box": {"min_width_px": -1}}]
)
def test_limits_that_cannot_hold_are_refused(limits: dict[str, dict[str, int]]) -> None:
    with pytest.raises(ValidationError):
        TaskScope.model_validate({"limits": limits})


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"%PDF-1.7\n", ("pdf", "application/pdf")),
        (b"\x89PNG\r\n\x1a\n...", ("image", "image/png")),
        (b"RIFF\0\0\0\0WAVEfmt ", ("audio", "audio/wav")),
        (b"ID3\x04rest", ("audio", "audio/mpeg")),
        (b"\xff\xfb\x90\x00", ("audio", "audio/mpeg")),
        (b"fLaC....", ("audio", "audio/flac")),
        (b"OggS....vorbis", ("audio", "audio/ogg")),
        (b"\0\0\0\x20ftypisom", ("video", "video/mp4")),
        (b"\0\0\0\x20ftypM4A ", ("audio", "audio/mp4")),
        (b"\x1aE\xdf\xa3....webm...V_VP9", ("video", "video/webm")),
        ("Grüße".encode()[:-1], ("text", "text/plain")),
        (b"a\0b", None),
        (b"\xfe\xed\xfa\xce\x01", None),
        (b"", None),
    ],
)
def test_files_are_told_by_what_they_hold(head: bytes, told: tuple[str, str] | None) -> None:
    found = tell_file(head)
    assert (None if found is None else (found.kind.value, found.media_type)) == told


def test_nothing_that_could_act_is_sent_as_what_it_says() -> None:
    def sent(kind: PartKind, stored: str) -> str:
        return shown_type(Part(kind=kind, sha256=SHA), stored)

    assert sent(PartKind.IMAGE, "image/svg+xml") == "application/octet-stream"
    assert sent(PartKind.TEXT, "text/html") == "text/plain"
    assert sent(PartKind.VIDEO, "text/html") == "application/octet-stream"
    assert sent(PartKind.PDF, "text/html") == "application/pdf"
    assert sent(PartKind.AUDIO, "audio/mpeg") == "audio/mpeg"


def test_records_of_documents() -> None:
    good = {"parts": [{"kind": "markdown", "text": "# A  note\n"}, {"kind": "pdf", "sha256": SHA}]}
    lines = [good, {"text": "x", "parts": good["parts"]}, {"parts": []}, {"parts": [{"kind": "pdf"}]}]
    numbered = [Line(number, json.dumps(line).encode()) for number, line in enumerate(lines)]
    records, problems = read_records(numbered, labels_as=LabelsAs.NONE)
    (record,) = records
    assert record.parts is not None
    assert (record.name, [part.kind.value for part in record.parts]) == ("# A note", ["markdown", "pdf"])
    assert [problem.where for problem in problems] == ["line 1", "line 2", "line 3"]
    assert "parts.0: Value error, a part of the kind pdf carries sha256" in problems[2].what
