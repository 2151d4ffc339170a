"""Relations among Label Studio's results: from one region to another, with a direction and labels.

A label is the type of a relation; one without a label is of the type ``related``. One that points both ways is taken
from where it starts, which says the same where its type has no direction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from goldsmith.core.annotations import MAX_KEY_LENGTH, MAX_RELATIONS, Relation
from goldsmith.core.ontology import RelationType
from goldsmith.formats.own import OWN_KEY
from goldsmith.formats.types import ReadProblem

RELATION: Final = "relation"
UNNAMED: Final = "related"
_BOTH_WAYS: Final = "bi"


class LsRelation(msgspec.Struct):
    """One entry of ``result`` that is a relation; its ends are ids of regions."""

    from_id: str | int
    to_id: str | int
    direction: str | None = None
    labels: list[str] | None = None
    meta: dict[str, Any] | None = None


def relation_json(relation: Relation, types: Mapping[str, RelationType]) -> dict[str, Any]:
    """Return an entry of ``result``; what Label Studio has no word for stands under ``meta``."""
    known = types.get(relation.relation_type_id)
    own = {"relation_id": relation.relation_id, "score": relation.score}
    return {
        "type": RELATION,
        "from_id": relation.from_id,
        "to_id": relation.to_id,
        "direction": "right" if known is None or known.is_directed else _BOTH_WAYS,
        "labels": [relation.relation_type_id],
        "meta": {OWN_KEY: {key: value for key, value in own.items() if value is not None}},
    }


def read_relations(
    entries: Sequence[tuple[int, LsRelation]], annotation_ids: Mapping[str, str], *, where: str
) -> Iterator[Relation | ReadProblem]:
    """Yield the relations of a task, each that says something new.

    Args:
        entries: With their places among the results.
        annotation_ids: What the regions are called here, by their ids.
        where: The task.
    """
    said: set[tuple[str, str, str]] = set()
    taken: set[str] = set()
    for number, entry in entries:
        at = f"{where}: result[{number}]"
        ends = [annotation_ids.get(str(end)) for end in (entry.from_id, entry.to_id)]
        start, end = ends[::-1] if entry.direction == "left" else ends
        if start is None or end is None or start == end:
            yield ReadProblem(at, "the relation does not join two regions that are read; it is left out")
            continue
        for place, label in enumerate(entry.labels or [UNNAMED]):
            try:
                relation = _relation(entry, number, place, label, start, end)
            except ValidationError as error:
                yield ReadProblem(at, f"not a usable relation: {error.errors()[0]['msg']}")
                continue
            if len(said) == MAX_RELATIONS:
                yield ReadProblem(
                    at,
                    f"one task may have {MAX_RELATIONS:,} relations; this one and those after it are left out",
                )
                return
            fact = relation.relation_type_id, start, end
            if fact in said or relation.relation_id in taken:
                yield ReadProblem(at, "the relation is there already; it is left out", "warning")
                continue
            said.add(fact)
            taken.add(relation.relation_id)
            yield relation


def _relation(entry: LsRelation, number: int, place: int, label: str, start: str, end: str) -> Relation:
    meta = (entry.meta or {}).get(OWN_KEY)
    own: dict[str, Any] = meta if isinstance(meta, dict) and place == 0 else {}
    usual = f"relation-{number + 1}" if place == 0 else f"relation-{number + 1}-{place + 1}"
    return Relation(
        relation_id=own.get("relation_id", usual),
        relation_type_id=label[:MAX_KEY_LENGTH] if label.strip() else "",
        from_id=start,
        to_id=end,
        score=own.get("score"),
    )
