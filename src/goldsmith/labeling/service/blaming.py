"""Who drew this, and when: the life of each object, read off the versions that nobody ever overwrote. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from goldsmith.labeling.service.shown import Names
from goldsmith.labeling.types import Blame, BlameMark, BlameOfObject, BlameSource
from goldsmith.platform.database import Row

_NOT_COMPARED = ("annotation_id", "origin", "score")
"""What may differ between two versions of an object that nobody changed."""


class _Life(NamedTuple):
    """An object as it last stood in one author's line of versions."""

    content: str
    blame: BlameOfObject


def blame_of(versions: Sequence[Row], consensus: Sequence[Row], names: Names) -> Blame:
    """Return where each object of a task comes from.

    An author's versions are a line: what is there first was created by it, what differs from the version before was
    changed by it. A pre-label's object keeps its id as ``origin`` in what was made from it. A consensus object was
    created by the earliest submission that holds it. A reviewer's fix goes on from the consensus it reviewed, so what
    it left alone keeps that consensus' life.

    Args:
        versions: Rows of ``store.talk.versions_of``.
        consensus: Rows of ``store.talk.consensus_of``.
        names: What authors are called to the reader.
    """
    marks = {row["submission_id"]: _mark(row, names) for row in versions}
    resolved = {row["version"]: _of_consensus(row, marks) for row in consensus}
    found: dict[str, BlameOfObject] = {}
    predicted: dict[str, BlameMark] = {}
    lines: dict[tuple[str | None, str, str | None], dict[str, _Life]] = {}
    for row in versions:
        mark = marks[row["submission_id"]]
        line = (row["member_id"], row["kind"], row["model_version_id"])
        before = lines.get(line, {})
        if row["kind"] == BlameSource.FIX:
            before = {**resolved.get(row["consensus_version"], {}), **before}
        now: dict[str, _Life] = {}
        for annotation in json.loads(row["labelling"])["annotations"]:
            now[annotation["annotation_id"]] = _lived(annotation, before, mark, predicted)
        lines[line] = {**before, **now}
        if row["kind"] == BlameSource.PREDICTION:
            predicted |= {annotation_id: life.blame.created for annotation_id, life in now.items()}
        found |= {annotation_id: life.blame for annotation_id, life in now.items()}
    for lives in resolved.values():
        for annotation_id, life in lives.items():
            found.setdefault(annotation_id, life.blame)
    return Blame(objects=found)


def _lived(
    annotation: Mapping[str, Any],
    before: Mapping[str, _Life],
    mark: BlameMark,
    predicted: Mapping[str, BlameMark],
) -> _Life:
    content = _content(annotation)
    previous = before.get(annotation["annotation_id"])
    if previous is None:
        origin = predicted.get(annotation.get("origin") or "")
        return _Life(content, BlameOfObject(created=mark, changed=None, origin=origin, supporters=[]))
    if previous.content == content:
        return previous
    return _Life(content, previous.blame.model_copy(update={"changed": mark}))


def _of_consensus(row: Row, marks: Mapping[str, BlameMark]) -> dict[str, _Life]:
    """Return the life of each object of one consensus version."""
    support = json.loads(row["support"])
    itself = BlameMark(
        who="consensus",
        is_mine=False,
        source=BlameSource.CONSENSUS,
        submission_id=None,
        version=row["version"],
        model_version_id=None,
        at_ms=row["created_ms"],
    )
    lives = {}
    for annotation in json.loads(row["labelling"])["annotations"]:
        behind = (support.get(annotation["annotation_id"]) or {}).get("submissions", [])
        supporters = [marks[entry] for entry in sorted(behind) if entry in marks]
        created = supporters[0] if supporters else itself
        changed = itself if len(supporters) > 1 else None
        blame = BlameOfObject(created=created, changed=changed, origin=None, supporters=supporters)
        lives[annotation["annotation_id"]] = _Life(_content(annotation), blame)
    return lives


def _mark(row: Row, names: Names) -> BlameMark:
    member_id = row["member_id"]
    source = BlameSource(row["kind"])
    return BlameMark(
        who=source.value
        if member_id is None
        else names.of(member_id, row["name"], row["role"], as_reviewer=source is BlameSource.FIX),
        is_mine=member_id is not None and names.is_me(member_id),
        source=source,
        submission_id=row["submission_id"],
        version=row["version"],
        model_version_id=row["model_version_id"],
        at_ms=row["created_ms"],
    )


def _content(annotation: Mapping[str, Any]) -> str:
    return json.dumps(_compared(annotation.items()), sort_keys=True)


def _compared(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {
        name: value for name, value in fields if name not in _NOT_COMPARED and value not in (None, {}, False)
    }
