"""Batches that only some members are given to label."""

from __future__ import annotations

from collections.abc import Sequence

from goldsmith.accounts.api import Access, Role
from goldsmith.items.api import LabelsAs
from goldsmith.labeling.types import Stage
from tests.integration.labeling.conftest import House, labelling


def let_label(house: House, *members: Access, for_all: bool = False) -> None:
    ids: Sequence[str] | None = None if for_all else [member.member_id for member in members]
    house.write(lambda tx: house.projects.let_label(tx, house.manager, house.batch_id, ids))


def other_batch(house: House, *, priority: int = 0) -> None:
    made = house.write(
        lambda tx: house.projects.ensure_batch(
            tx, project_id=house.project_id, name="other", created_by="mem_manager", priority=priority
        )
    )
    house.batch_id = made.batch_id


def test_a_batch_for_some_is_given_to_them_alone(house: House) -> None:
    house.project(overlap=2)
    open_to_all = house.tasks(1)
    other_batch(house, priority=5)
    ann, ben = house.member("ann"), house.member("ben")
    let_label(house, ann)
    (narrow,) = house.tasks(1)
    assert house.next(ann).task_id == narrow
    assert house.next(ben).task_id == open_to_all[0]
    assert house.next(ben) is None
    (shown,) = [
        batch
        for batch in house.write(
            lambda tx: house.projects.list_batches(tx, house.project_id, before=None, limit=9)
        )
        if batch.is_for_some
    ]
    assert (shown.name, shown.members) == ("other", ["ann"])


def test_what_came_back_and_hidden_gold_stay_with_them(house: House) -> None:
    house.project(gold_rate=0.5)
    house.tasks(1, labelling=labelling((5, 5, 50, 50)), labels_as=LabelsAs.GOLD)
    house.tasks(1)
    ann, ben = house.member("ann"), house.member("ben")
    let_label(house, ann)
    lease = house.next(ann)
    house.write(
        lambda tx: house.labeling.release(tx, ann, judgement_id=lease.judgement_id, token=lease.token)
    )
    assert [house.next(ben) for _ in range(9)] == [None] * 9
    assert house.next(ann) is not None


def test_who_joins_is_given_what_was_passed_over(house: House) -> None:
    house.project()
    ann, ben = house.member("ann"), house.member("ben")
    let_label(house)
    (first,) = house.tasks(1)
    other_batch(house)
    (second,) = house.tasks(1)
    assert house.submit(ann, house.next(ann))
    assert house.next(ann) is None
    narrow = house.task(first)["batch_id"]
    house.batch_id = narrow
    let_label(house, ann)
    assert house.next(ben) is None
    assert house.next(ann).task_id == first
    assert house.state(second) == "resolving"
    let_label(house, for_all=True)
    (more,) = house.tasks(1)
    assert house.next(ben).task_id == more


def test_any_reviewer_reviews_it(house: House) -> None:
    house.project(review={"mode": "all"})
    (task_id,) = house.tasks(1)
    ann, rita = house.member("ann"), house.member("rita", Role.REVIEWER)
    let_label(house, ann)
    house.submit(ann, house.next(ann))
    house.resolve(task_id)
    assert house.next(rita) is None
    assert house.next(rita, Stage.REVIEW).task_id == task_id
