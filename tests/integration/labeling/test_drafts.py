"""Drafts: sent piece by piece, the same again does no harm, and nothing is written over by who had not seen it."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from goldsmith.accounts.api import Access
from goldsmith.core.errors import ConflictError, TooLargeError
from goldsmith.labeling.service.drafting import NewerDraftError
from goldsmith.labeling.store import drafts
from goldsmith.labeling.types import MAX_DRAFT_LOG, DraftBody, LostLease
from tests.integration.labeling.conftest import House, labelling


def save(
    house: House,
    access: Access,
    lease: Any,
    *,
    revision: int,
    after: int | None = 0,
    writer: str = "w1",
    log: tuple[int, list[str]] | None = None,
    body: Any = None,
) -> Any:
    given = DraftBody.model_validate(
        {
            "token": lease.token,
            "body": body or {"revision": revision},
            "revision": revision,
            "after_revision": after,
            "writer": writer,
            "log": None if log is None else {"from_line": log[0], "lines": log[1]},
        }
    )
    return house.write(
        lambda tx: house.labeling.save_draft(tx, access, judgement_id=lease.judgement_id, body=given)
    )


def draft_of(house: House, access: Access, lease: Any) -> Any:
    return house.write(
        lambda tx: house.labeling.find_draft(tx, task_id=lease.task_id, member_id=access.member_id)
    )


def started(house: House) -> tuple[Access, Any]:
    house.project()
    house.tasks(1)
    ann = house.member("ann")
    return ann, house.next(ann)


def test_a_log_is_sent_piece_by_piece(house: House) -> None:
    ann, lease = started(house)
    save(house, ann, lease, revision=1, log=(0, ["base", "a", "b"]))
    save(house, ann, lease, revision=4, after=1, log=(3, ["c"]))
    save(house, ann, lease, revision=5, after=4, log=(3, ["C", "d\u2028e"]))  # the last step grew
    save(house, ann, lease, revision=6, after=5)  # a flag changed, no step
    draft = draft_of(house, ann, lease)
    assert (draft.body, draft.revision, draft.log) == (
        {"revision": 6},
        6,
        ["base", "a", "b", "C", "d\u2028e"],
    )
    assert len(house.read("SELECT * FROM draft_parts")) == 2
    (shown,) = house.write(lambda tx: house.labeling.list_mine(tx, ann, project_id=house.project_id))
    wire = json.loads(shown.to_json())["draft"]
    assert (wire["revision"], wire["log"]) == (6, draft.log)


def test_the_log_comes_with_the_task_and_goes_with_the_submission(house: House) -> None:
    ann, lease = started(house)
    save(house, ann, lease, revision=1, log=(0, ["base", "a"]))
    house.write(
        lambda tx: house.labeling.release(tx, ann, judgement_id=lease.judgement_id, token=lease.token)
    )
    again = house.next(ann)
    assert json.loads(again.to_json())["draft"]["log"] == ["base", "a"]
    house.submit(ann, again)
    assert house.read("SELECT * FROM drafts") == []
    assert house.read("SELECT * FROM draft_parts") == []
    with pytest.raises(ConflictError, match="handed in"):
        save(house, ann, again, revision=2, after=1)


def test_splices_leave_what_a_list_would_hold(house: House) -> None:
    """Random splices, some of them repeated, against a plain list."""
    ann, lease = started(house)
    rng = random.Random(5)
    held: list[str] = []
    for revision in range(1, 60):
        at = rng.randint(max(0, len(held) - rng.choice([0, 0, 1, 5, 40])), len(held))
        lines = [f"{revision}.{number}" for number in range(rng.randint(0, 6))]
        held[at:] = lines
        for _ in range(rng.choice([1, 1, 2])):
            save(house, ann, lease, revision=revision, after=revision - 1, log=(at, lines))
    assert draft_of(house, ann, lease).log == held
    (row,) = house.read("SELECT line_count, log_size FROM drafts")
    assert (row["line_count"], row["log_size"]) == (len(held), sum(len(line) + 1 for line in held))


def test_another_device_is_told_what_stands(house: House) -> None:
    ann, lease = started(house)
    save(house, ann, lease, revision=10, log=(0, ["base", "a"]))
    # at the other device since revision 10, with many changes of its own
    save(house, ann, lease, revision=11, after=10, writer="w2", log=(2, ["other"]))
    with pytest.raises(NewerDraftError) as caught:
        save(house, ann, lease, revision=30, after=10, log=(2, ["mine"]))
    assert (caught.value.newer.revision, caught.value.newer.log) == (11, ["base", "a", "other"])
    # merged: it goes on from what stands
    save(house, ann, lease, revision=31, after=11, log=(2, ["mine", "merge"]))
    assert draft_of(house, ann, lease).log == ["base", "a", "mine", "merge"]
    with pytest.raises(NewerDraftError):
        save(house, ann, lease, revision=12, after=11, writer="w2", log=(3, ["more"]))


def test_an_answer_that_was_lost_does_no_harm(house: House) -> None:
    ann, lease = started(house)
    save(house, ann, lease, revision=3, log=(0, ["base", "a"]))
    save(house, ann, lease, revision=3, log=(0, ["base", "a"]))
    # the page never heard of revision 3 and goes on from nothing
    save(house, ann, lease, revision=5, after=0, log=(0, ["base", "a", "b"]))
    with pytest.raises(NewerDraftError):
        save(house, ann, lease, revision=4, after=0, log=(0, ["base"]))  # on its way for long
    assert draft_of(house, ann, lease).log == ["base", "a", "b"]


def test_a_log_has_no_gaps_and_a_bound(house: House) -> None:
    ann, lease = started(house)
    with pytest.raises(ConflictError, match="0 lines") as caught:
        save(house, ann, lease, revision=1, log=(4, ["a"]))
    assert caught.value.faults[0].where == "log.from_line"
    with pytest.raises(TooLargeError):
        save(house, ann, lease, revision=1, log=(0, ["x" * MAX_DRAFT_LOG]))
    assert house.read("SELECT * FROM drafts") == []


def test_what_a_lost_lease_kept_has_its_log(house: House) -> None:
    ann, lease = started(house)
    save(house, ann, lease, revision=1, log=(0, ["base", "a"]))
    house.clock.advance(3_600_000)
    bob = house.member("bob")
    assert house.next(bob).token == 2
    assert isinstance(save(house, ann, lease, revision=2, after=1, log=(2, ["b"])), LostLease)
    assert isinstance(house.submit(ann, lease, labelling((1, 1, 5, 5))), LostLease)
    draft = draft_of(house, ann, lease)
    assert draft.body["kept_from"] == "lost lease"
    assert draft.body["labelling"]["annotations"][0]["geometry"]["box_xyxy"] == [1, 1, 5, 5]
    assert (draft.revision, draft.log) == (3, ["base", "a", "b"])


def test_who_does_not_say_what_it_goes_on_from_may_only_be_newer(house: House) -> None:
    ann, lease = started(house)
    save(house, ann, lease, revision=5, after=None, body={"a": 1})
    save(house, ann, lease, revision=5, after=None, body={"a": 1})
    for revision, body in ((5, {"a": 2}), (4, {"a": 1})):
        with pytest.raises(NewerDraftError):
            save(house, ann, lease, revision=revision, after=None, body=body)
    assert draft_of(house, ann, lease).log == []


def test_a_save_that_raced_is_refused(house: House) -> None:
    ann, lease = started(house)
    save(house, ann, lease, revision=1, log=(0, ["base"]))
    key = {"task_id": lease.task_id, "member_id": ann.member_id}
    seen = house.write(lambda tx: drafts.find(tx, **key))
    save(house, ann, lease, revision=2, after=1, log=(1, ["a"]))
    assert seen is not None
    assert not house.write(lambda tx: drafts.save(tx, **key, head=seen._replace(revision=9), after=seen))
    assert not house.write(lambda tx: drafts.save(tx, **key, head=seen, after=None))
