"""What members may do in a project decides what they are handed."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.accounts.api import Access, Role
from goldsmith.core.errors import CourseRequiredError, PausedError
from goldsmith.labeling.types import MemberStanding, Stage, StandingState
from tests.integration.labeling.conftest import House, labelling


def stand(house: House, access: Access, **fields: Any) -> None:
    standing = MemberStanding(**fields)
    house.write(
        lambda tx: house.labeling.change_standing(
            tx, project_id=house.project_id, member_id=access.member_id, standing=standing
        )
    )


def test_a_paused_member_is_told_why_and_takes_nothing_from_others(house: House) -> None:
    house.project()
    (task_id,) = house.tasks(1)
    ann, ben = house.member("ann"), house.member("ben")
    stand(house, ann, state=StandingState.PAUSED, reason="Too fast; you can appeal.")
    with pytest.raises(PausedError, match="you can appeal") as raised:
        house.next(ann)
    assert (raised.value.code, raised.value.status) == ("paused", 409)
    assert house.next(ben).task_id == task_id  # the refused claim left nothing behind
    with pytest.raises(PausedError):  # and so it is when nothing is left
        house.next(ann)
    stand(house, ann)
    assert house.next(ann) is None


def test_a_paused_reviewer_reviews_nothing(house: House) -> None:
    house.project(review={"mode": "all"})
    (task_id,) = house.tasks(1)
    ann, rex = house.member("ann"), house.member("rex", Role.REVIEWER)
    house.submit(ann, house.next(ann))
    house.resolve(task_id)
    stand(house, rex, state=StandingState.PAUSED)
    with pytest.raises(PausedError):
        house.next(rex, Stage.REVIEW)
    stand(house, rex, state=StandingState.COURSE)  # the course is about labelling
    assert house.next(rex, Stage.REVIEW).task_id == task_id


def test_the_course_comes_first(house: House) -> None:
    house.project()
    house.tasks(2)
    ann = house.member("ann")
    stand(house, ann, state=StandingState.COURSE, reason="Pass the course again.")
    with pytest.raises(CourseRequiredError, match="again") as raised:
        house.next(ann)
    assert (raised.value.code, raised.value.status) == ("course_required", 409)
    stand(house, ann, passed_ms=5)
    assert house.next(ann) is not None


def test_who_is_paused_in_one_project_works_in_another(house: House) -> None:
    house.project()
    ann = house.member("ann")
    stand(house, ann, state=StandingState.PAUSED)
    house.project()
    house.tasks(1)
    assert house.next(ann) is not None


def test_a_member_gets_more_gold_than_the_workflow_says(house: House) -> None:
    house.project()
    task_ids = house.tasks(20)
    ann, ben = house.member("ann"), house.member("ben")
    gold = set(task_ids[10:])
    answers = {task_id: labelling() for task_id in gold}
    house.write(lambda tx: house.labeling.mark_gold(tx, project_id=house.project_id, answers=answers))
    stand(house, ann, gold_rate=1.0)
    assert {house.next(ann).task_id for _ in range(10)} == gold
    assert house.next(ben).task_id not in gold
    stand(house, ann)
    assert house.next(ann).task_id not in gold
    standings = house.machine.database.read_sync(
        lambda tx: house.labeling.standings_of_project(tx, house.project_id)
    )
    assert standings[ann.member_id].gold_rate is None
    assert ben.member_id not in standings
