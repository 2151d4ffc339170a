"""What became of assistants' suggestions: kept with the submission, counted for the project."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from goldsmith.accounts.api import Role
from goldsmith.labeling.store.assistance import assistance_of
from goldsmith.labeling.types import ReviseBody, Stage, Verdict
from goldsmith.labeling.types.assistance import Assistance
from tests.integration.labeling.conftest import House, labelling
from tests.integration.labeling.test_review import labelled, review


def told(source: str, outcome: str, took_ms: int = 0) -> Assistance:
    return Assistance.model_validate({"source": source, "outcome": outcome, "took_ms": took_ms})


def report(house: House) -> list[tuple[str, int, int, int, int, int]]:
    found = house.machine.database.read_sync(lambda tx: assistance_of(tx, house.project_id))
    return [tuple(entry.model_dump().values()) for entry in found]  # type: ignore[misc]


def test_is_counted_by_source(house: House) -> None:
    house.project()
    house.tasks(2)
    ann = house.member("ann")
    first = house.next(ann)
    wand, model = "assist:wand", "model:mdv_1"
    entries = [
        told(wand, "accepted", 1000),
        told(wand, "fixed", 2000),
        told(model, "refused", 500),
        told(wand, "refused", 300),
    ]
    house.submit(ann, first, assistance=entries)
    second = house.next(ann)
    house.submit(ann, second, assistance=[told(model, "accepted", 1500), told(wand, "accepted", 700)])
    assert report(house) == [(wand, 2, 1, 1, 2, 1000), (model, 1, 0, 1, 2, 1000)]


def test_the_same_request_again_counts_once(house: House) -> None:
    house.project()
    house.tasks(1)
    ann = house.member("ann")
    lease = house.next(ann)
    for _ in range(2):
        house.submit(ann, lease, key="one", assistance=[told("assist:fit", "accepted")])
    assert report(house) == [("assist:fit", 1, 0, 0, 1, 0)]


def test_work_without_assistants_tells_of_none(house: House) -> None:
    house.project()
    house.tasks(1)
    ann = house.member("ann")
    house.submit(ann, house.next(ann))
    assert report(house) == []


def test_a_fix_and_a_revision_tell_of_theirs(house: House) -> None:
    task_id, (ann,) = labelled(house)
    revision = ReviseBody(
        request_key="again",
        labelling=labelling((3, 3, 9, 9)),
        ontology_version=1,
        instructions_version=1,
        assistance=[told("assist:snap", "accepted", 40)],
    )
    for _ in range(2):
        house.write(lambda tx: house.labeling.revise(tx, ann, task_id=task_id, body=revision))
    house.resolve(task_id)
    rob = house.member("rob", Role.REVIEWER)
    mending = [told("model:mdv_1", "fixed", 60), told("assist:wand", "refused", 20)]
    review(
        house,
        rob,
        house.next(rob, Stage.REVIEW),
        Verdict.FIX,
        labelling=labelling((1, 1, 9, 9)),
        assistance=mending,
    )
    assert report(house) == [
        ("assist:snap", 1, 0, 0, 1, 40),
        ("assist:wand", 0, 0, 1, 1, 20),
        ("model:mdv_1", 0, 1, 0, 1, 60),
    ]


def test_a_verdict_that_changes_no_labels_tells_of_none(house: House) -> None:
    labelled(house)
    rob = house.member("rob", Role.REVIEWER)
    lease = house.next(rob, Stage.REVIEW)
    review(house, rob, lease, Verdict.ACCEPT, assistance=[told("assist:wand", "refused")])
    assert report(house) == []


@pytest.mark.parametrize(
    "entry",
    [
        {"source": "me", "outcome": "accepted"},
        {"source": "assist:wand", "outcome": "ignored"},
        {"source": "assist:wand'; --", "outcome": "accepted"},
        {"source": "assist:wand", "outcome": "accepted", "took_ms": -1},
    ],
)
def test_what_is_no_record_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Assistance.model_validate(entry)
