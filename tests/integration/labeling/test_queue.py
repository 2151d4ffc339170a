"""Claiming, holding and handing in: who gets what, when, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.accounts.api import Role
from goldsmith.core.errors import (
    ConflictError,
    InvalidInputError,
    LeaseLostError,
    LimitExceededError,
    PermissionDeniedError,
)
from goldsmith.labeling.types import MAX_LEASES, LostLease, SkipBody, Stage, TaskPayload, TaskState
from tests.integration.labeling.conftest import House, labelling

LEASE_MS = 1800 * 1000


def skip(house: House, access: Any, lease: Any, reason: str = "cannot tell") -> TaskState:
    body = SkipBody(token=lease.token, reason=reason)
    return house.write(lambda tx: house.labeling.skip(tx, access, judgement_id=lease.judgement_id, body=body))


def test_tasks_come_in_order_and_a_task_goes_to_one_person(house: House) -> None:
    house.project()
    task_ids = house.tasks(3)
    ann, ben = house.member("ann"), house.member("ben")
    got = [house.next(ann).task_id, house.next(ben).task_id, house.next(ann).task_id]
    assert got == task_ids
    assert house.next(ben) is None


def test_the_payload_is_what_the_wire_says(house: House) -> None:
    house.project()
    (task_id,) = house.tasks(1)
    lease = house.next(house.member("ann"))
    payload = TaskPayload.model_validate_json(lease.to_json())
    assert payload.task.task_id == task_id
    assert payload.task.state is TaskState.OPEN
    assert payload.lease.token == 1
    assert payload.lease.expires_ms == house.clock.now_ms() + LEASE_MS
    assert (payload.item.width, payload.item.height) == (100, 80)
    assert payload.item.media.thumbnail.endswith("variant=thumbnail")
    assert payload.prelabel is None
    assert payload.draft is None
    assert payload.review is None


def test_the_last_judgement_closes_the_task_and_tells_quality(house: House) -> None:
    house.project(overlap=2)
    (task_id,) = house.tasks(1)
    ann, ben = house.member("ann"), house.member("ben")
    first, second = house.next(ann), house.next(ben)
    assert first.task_id == second.task_id == task_id
    answer = house.submit(ann, first)
    assert (answer.version, answer.task_state) == (1, TaskState.OPEN)
    assert house.quality.all_in == []
    assert house.submit(ben, second).task_state is TaskState.RESOLVING
    assert house.quality.all_in == [task_id]
    house.resolve(task_id)
    assert house.state(task_id) == "done"


def test_a_person_meets_a_task_once(house: House) -> None:
    house.project(overlap=3)
    house.tasks(2)
    ann = house.member("ann")
    first = house.next(ann)
    house.submit(ann, first)
    second = house.next(ann)
    assert second.task_id != first.task_id
    skip(house, ann, second)
    assert house.next(ann) is None


def test_the_same_submission_twice_is_one(house: House) -> None:
    house.project()
    house.tasks(1)
    ann = house.member("ann")
    lease = house.next(ann)
    first = house.submit(ann, lease)
    assert house.submit(ann, lease) == first
    assert len(house.read("SELECT * FROM submissions")) == 1
    with pytest.raises(ConflictError, match="another request key"):
        house.submit(ann, lease, key="another")


def test_a_request_key_of_another_task_is_refused(house: House) -> None:
    house.project()
    house.tasks(2)
    ann = house.member("ann")
    house.submit(ann, house.next(ann), key="k")
    lease = house.next(ann)
    with pytest.raises(ConflictError):
        house.submit(ann, lease, key="k")
    assert house.submit(ann, lease, key="k2").version == 1


def test_an_ended_lease_goes_to_the_next_and_the_late_work_is_kept_as_a_draft(house: House) -> None:
    house.project()
    house.tasks(1)
    ann, ben = house.member("ann"), house.member("ben")
    late = house.next(ann)
    house.clock.advance(LEASE_MS + 1)
    taken = house.next(ben)
    assert taken.task_id == late.task_id
    assert taken.token == late.token + 1
    lost = house.submit(ann, late)
    assert isinstance(lost, LostLease)
    assert house.read("SELECT * FROM submissions") == []
    (draft,) = house.read("SELECT * FROM drafts")
    assert (draft["member_id"], draft["task_id"]) == ("mem_ann", late.task_id)
    assert house.submit(ben, taken).task_state is TaskState.RESOLVING


def test_an_ended_lease_that_nobody_took_still_counts(house: House) -> None:
    house.project()
    house.tasks(1)
    ann = house.member("ann")
    lease = house.next(ann)
    house.clock.advance(LEASE_MS * 10)
    assert house.submit(ann, lease).version == 1


def test_an_own_ended_lease_is_taken_up_again(house: House) -> None:
    house.project()
    house.tasks(2)
    ann = house.member("ann")
    first = house.next(ann)
    house.clock.advance(LEASE_MS + 1)
    again = house.next(ann)
    assert (again.task_id, again.token) == (first.task_id, 2)
    assert isinstance(house.submit(ann, first), LostLease)
    assert house.submit(ann, again).version == 1


def test_renewing_keeps_the_lease(house: House) -> None:
    house.project()
    house.tasks(1)
    ann, ben = house.member("ann"), house.member("ben")
    lease = house.next(ann)
    house.clock.advance(LEASE_MS - 1)
    end_ms = house.write(
        lambda tx: house.labeling.renew(tx, ann, judgement_id=lease.judgement_id, token=lease.token)
    )
    assert end_ms == house.clock.now_ms() + LEASE_MS
    house.clock.advance(LEASE_MS - 1)
    assert house.next(ben) is None
    house.clock.advance(1)
    assert house.next(ben).task_id == lease.task_id
    with pytest.raises(LeaseLostError):
        house.write(
            lambda tx: house.labeling.renew(tx, ann, judgement_id=lease.judgement_id, token=lease.token)
        )


def test_a_released_task_comes_first_for_the_next(house: House) -> None:
    house.project()
    house.tasks(3)
    ann, ben = house.member("ann"), house.member("ben")
    lease = house.next(ann)
    for _ in range(2):  # the same again changes nothing
        house.write(
            lambda tx: house.labeling.release(tx, ann, judgement_id=lease.judgement_id, token=lease.token)
        )
    assert house.next(ben).task_id == lease.task_id
    with pytest.raises(LeaseLostError):
        house.write(
            lambda tx: house.labeling.release(tx, ann, judgement_id=lease.judgement_id, token=lease.token)
        )


def test_a_skipped_task_is_asked_of_others_until_three_skipped_it(house: House) -> None:
    house.project()
    (task_id,) = house.tasks(1)
    people = [house.member(name) for name in ("ann", "ben", "cem", "dan")]
    states = []
    for access in people[:3]:
        lease = house.next(access)
        assert lease.task_id == task_id
        states.append(skip(house, access, lease))
    assert states == [TaskState.OPEN, TaskState.OPEN, TaskState.IDLE]
    assert house.next(people[3]) is None


def test_a_skip_is_idempotent_and_needs_a_known_reason(house: House) -> None:
    house.project()
    house.tasks(1)
    ann = house.member("ann")
    lease = house.next(ann)
    with pytest.raises(InvalidInputError, match="reason"):
        skip(house, ann, lease, "no mood")
    assert skip(house, ann, lease) is TaskState.OPEN
    assert skip(house, ann, lease) is TaskState.OPEN
    judgements = house.read("SELECT outcome FROM judgements ORDER BY outcome")
    assert sorted(str(row["outcome"]) for row in judgements) == ["None", "skipped"]


def test_a_labelling_that_does_not_fit_is_refused_whole_and_the_lease_stays(house: House) -> None:
    house.project()
    house.tasks(1)
    ann = house.member("ann")
    lease = house.next(ann)
    with pytest.raises(InvalidInputError) as refused:
        house.submit(ann, lease, labelling(class_id="tree"))
    assert refused.value.faults[0].where == "annotations[0].class_id"
    with pytest.raises(InvalidInputError, match="ontology_version"):
        house.submit(ann, lease, ontology_version=7)
    assert house.submit(ann, lease).version == 1


def test_priority_goes_before_order(house: House) -> None:
    house.project()
    low = house.tasks(1)
    high = house.tasks(1, priority=5)
    ann = house.member("ann")
    assert [house.next(ann).task_id, house.next(ann).task_id] == high + low


def test_work_added_before_the_place_a_member_has_reached_is_found(house: House) -> None:
    house.project(overlap=2)
    house.tasks(40)
    ann = house.member("ann")
    for _ in range(30):
        house.clock.advance(1000)
        house.submit(ann, house.next(ann))
    assert house.read("SELECT * FROM frontiers")  # the walk has moved
    house.clock.advance(1)
    urgent = house.tasks(1, priority=1)
    assert house.next(ann).task_id == urgent[0]


def test_a_random_order_is_the_same_for_everybody(house: House) -> None:
    house.project(order="random", overlap=2)
    task_ids = house.tasks(20)
    ann, ben = house.member("ann"), house.member("ben")
    of_ann = [house.next(ann).task_id for _ in range(20)]
    assert of_ann == [house.next(ben).task_id for _ in range(20)]
    assert of_ann != task_ids
    assert sorted(of_ann) == sorted(task_ids)


def test_one_person_cannot_drain_the_queue(house: House) -> None:
    house.project()
    house.tasks(MAX_LEASES + 5)
    ann = house.member("ann")
    for _ in range(MAX_LEASES):
        assert house.next(ann) is not None
    with pytest.raises(LimitExceededError):
        house.next(ann)
    assert len(house.read("SELECT * FROM judgements WHERE member_id IS NOT NULL")) == MAX_LEASES


def test_annotators_do_not_review(house: House) -> None:
    house.project()
    with pytest.raises(PermissionDeniedError):
        house.next(house.member("ann"), Stage.REVIEW)
    assert house.next(house.member("rob", Role.REVIEWER), Stage.REVIEW) is None


def test_a_changed_workflow_is_noticed(house: House) -> None:
    house.project()
    house.tasks(2)
    ann = house.member("ann")
    house.next(ann)
    house.write(
        lambda tx: house.projects.put_workflow(
            tx,
            house.manager,
            project_id=house.project_id,
            workflow=house.projects.get_workflow(tx, house.project_id).model_copy(update={"lease_s": 60}),
        )
    )
    lease = house.next(ann)
    assert TaskPayload.model_validate_json(lease.to_json()).lease.expires_ms == house.clock.now_ms() + 60_000
