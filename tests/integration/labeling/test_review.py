"""Review: who is asked, what a verdict does, and that the same verdict twice is one."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.accounts.api import Access, Role
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.labeling.types import (
    LostLease,
    ReviewBody,
    ReviewComment,
    ReviewReason,
    ReviseBody,
    SkipBody,
    Stage,
    TaskPayload,
    TaskState,
    Verdict,
)
from tests.integration.labeling.conftest import House, labelling

REJECT = [ReviewReason(code="loose shape", annotation_id="a0", text="see the wheel")]


def labelled(house: House, *, overlap: int = 1, **workflow: Any) -> tuple[str, list[Access]]:
    """A task whose labels are in and resolved, and who labelled it."""
    house.project(overlap=overlap, **{"review": {"mode": "all"}, **workflow})
    (task_id,) = house.tasks(1)
    people = [house.member(f"ann{number}") for number in range(overlap)]
    for access in people:
        house.submit(access, house.next(access))
    house.resolve(task_id)
    return task_id, people


def review(house: House, access: Access, lease: Any, verdict: Verdict, **more: Any) -> Any:
    body = ReviewBody(
        token=lease.token, request_key=more.pop("key", lease.judgement_id), verdict=verdict, **more
    )
    return house.write(
        lambda tx: house.labeling.review(tx, access, judgement_id=lease.judgement_id, body=body)
    )


def test_an_accepted_task_is_done(house: House) -> None:
    task_id, _ = labelled(house)
    rob = house.member("rob", Role.REVIEWER)
    assert house.state(task_id) == "review"
    lease = house.next(rob, Stage.REVIEW)
    payload = TaskPayload.model_validate_json(lease.to_json())
    assert payload.task.state is TaskState.REVIEW
    assert payload.review is not None
    assert (payload.review.consensus_version, len(payload.review.submissions)) == (1, 1)
    first = review(house, rob, lease, Verdict.ACCEPT)
    assert first.task_state is TaskState.DONE
    assert review(house, rob, lease, Verdict.ACCEPT) == first
    assert len(house.read("SELECT * FROM reviews")) == 1
    with pytest.raises(ConflictError, match="another request key"):
        review(house, rob, lease, Verdict.ACCEPT, key="other")


def test_nobody_reviews_the_own_work(house: House) -> None:
    house.project(review={"mode": "all"})
    (task_id,) = house.tasks(1)
    rob, sue = house.member("rob", Role.REVIEWER), house.member("sue", Role.REVIEWER)
    house.submit(rob, house.next(rob))
    house.resolve(task_id)
    assert house.next(rob, Stage.REVIEW) is None
    assert house.next(sue, Stage.REVIEW).task_id == task_id


def test_a_fix_decides_the_consensus(house: House) -> None:
    task_id, _ = labelled(house)
    rob = house.member("rob", Role.REVIEWER)
    lease = house.next(rob, Stage.REVIEW)
    with pytest.raises(InvalidInputError, match="labelling"):
        review(house, rob, lease, Verdict.FIX)
    with pytest.raises(InvalidInputError, match="ontology"):
        review(house, rob, lease, Verdict.FIX, labelling=labelling(class_id="tree"))
    fixed = review(house, rob, lease, Verdict.FIX, labelling=labelling((1, 1, 9, 9), (2, 2, 8, 8)))
    assert fixed.task_state is TaskState.DONE
    task = house.task(task_id)
    assert (task["consensus_version"], task["object_count"]) == (2, 2)
    (fix,) = house.read("SELECT * FROM submissions WHERE kind = 'fix'")
    assert (fix["submission_id"], fix["member_id"]) == (fixed.submission_id, "mem_rob")
    assert [row["method"] for row in house.read("SELECT method FROM consensus ORDER BY version")] == [
        "detection",
        "review",
    ]


def test_a_rejection_asks_others_and_the_same_reviewer_may_look_again(house: House) -> None:
    task_id, people = labelled(house, overlap=2)
    rob = house.member("rob", Role.REVIEWER)
    lease = house.next(rob, Stage.REVIEW)
    with pytest.raises(InvalidInputError, match="reason"):
        review(house, rob, lease, Verdict.REJECT)
    with pytest.raises(InvalidInputError, match="unknown reject reasons"):
        review(house, rob, lease, Verdict.REJECT, reasons=[ReviewReason(code="bad mood")])
    comment = ReviewComment(x=5, y=6, text="here")
    assert review(house, rob, lease, Verdict.REJECT, reasons=REJECT, comments=[comment]).task_state == "open"
    rejected = house.read("SELECT is_rejected FROM submissions")
    assert [row["is_rejected"] for row in rejected] == [1, 1]
    assert house.task(task_id)["submission_count"] == 0
    assert [house.next(access) for access in people] == [None, None]
    others = [house.member("cem"), house.member("dan")]
    for access in others:
        house.submit(access, house.next(access))
    house.resolve(task_id)
    again = house.next(rob, Stage.REVIEW)
    assert again.task_id == task_id
    assert len(again.to_wire()["review"]["submissions"]) == 2
    assert review(house, rob, again, Verdict.ACCEPT).task_state is TaskState.DONE


def test_a_skipped_review_goes_to_another_reviewer(house: House) -> None:
    task_id, _ = labelled(house)
    rob, sue = house.member("rob", Role.REVIEWER), house.member("sue", Role.REVIEWER)
    lease = house.next(rob, Stage.REVIEW)
    body = SkipBody(token=lease.token, reason="not my field")
    state = house.write(lambda tx: house.labeling.skip(tx, rob, judgement_id=lease.judgement_id, body=body))
    assert state is TaskState.REVIEW
    assert house.next(rob, Stage.REVIEW) is None
    assert house.next(sue, Stage.REVIEW).task_id == task_id


def test_only_flagged_tasks_are_reviewed(house: House) -> None:
    house.project(review={"mode": "flagged", "posterior_below": 0.9})
    sure, unsure = house.tasks(2)
    ann = house.member("ann")
    for _ in range(2):
        house.submit(ann, house.next(ann))
    house.resolve(sure, lowest_posterior=0.95)
    house.resolve(unsure, lowest_posterior=0.5)
    assert (house.state(sure), house.state(unsure)) == ("done", "review")
    assert house.task(unsure)["lowest_posterior"] == 0.5


def test_a_lost_review_keeps_the_fix_as_a_draft(house: House) -> None:
    labelled(house)
    rob, sue = house.member("rob", Role.REVIEWER), house.member("sue", Role.REVIEWER)
    lease = house.next(rob, Stage.REVIEW)
    house.clock.advance(3_600_000)
    assert house.next(sue, Stage.REVIEW).token == 2
    assert isinstance(review(house, rob, lease, Verdict.FIX, labelling=labelling()), LostLease)
    assert [row["member_id"] for row in house.read("SELECT * FROM drafts")] == ["mem_rob"]


def revise(house: House, access: Access, task_id: str, key: str) -> Any:
    body = ReviseBody(
        request_key=key, labelling=labelling((3, 3, 9, 9)), ontology_version=1, instructions_version=1
    )
    return house.write(lambda tx: house.labeling.revise(tx, access, task_id=task_id, body=body))


def test_an_author_revises_until_the_task_is_done(house: House) -> None:
    task_id, (ann,) = labelled(house)
    rob = house.member("rob", Role.REVIEWER)
    lease = house.next(rob, Stage.REVIEW)
    first = revise(house, ann, task_id, "k")
    assert (first.version, first.task_state) == (2, TaskState.RESOLVING)
    assert revise(house, ann, task_id, "k") == first
    assert isinstance(review(house, rob, lease, Verdict.ACCEPT), LostLease)  # it was of the labels before
    assert house.quality.all_in == [task_id, task_id]
    newest = house.read("SELECT version, is_newest FROM submissions ORDER BY version")
    assert [(row["version"], row["is_newest"]) for row in newest] == [(1, 0), (2, 1)]
    house.resolve(task_id)
    assert review(house, rob, house.next(rob, Stage.REVIEW), Verdict.ACCEPT).task_state is TaskState.DONE
    with pytest.raises(ConflictError, match="done"):
        revise(house, ann, task_id, "k2")
    with pytest.raises((NotFoundError, ConflictError)):
        revise(house, rob, task_id, "k3")
