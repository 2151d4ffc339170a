"""What a lead does to many items at once, on a whole installation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Attribute, AttributeKind, Ontology, Option
from tests.integration.quality.installation import ONTOLOGY, Installation, labelling, picture
from tests.integration.server.house import Browser

WEATHER = Attribute(
    attribute_id="weather",
    name="Weather",
    kind=AttributeKind.CHOICE,
    options=[Option(option_id="sun", name="Sun"), Option(option_id="rain", name="Rain")],
)
ASKING = Ontology(classes=ONTOLOGY.classes, questions=[WEATHER])
COUNT = 6


class Desk:
    """A lead at a project of a few pictures that two people label."""

    def __init__(self, house: Installation, *, overlap: int = 2) -> None:
        self.house = house
        self.project_id = house.project(ontology=ASKING, overlap=overlap)
        house.import_pictures(self.project_id, [picture(n) for n in range(COUNT)])
        self.browser: Browser = house.browser()
        self.task_ids = sorted(house.tasks_of(self.project_id).values())

    def change(self, change: dict[str, Any], *, status: int = 201, **chosen: Any) -> dict[str, Any]:
        chosen = chosen or {"task_ids": self.task_ids}
        answer = self.browser.post(
            f"/api/v1/projects/{self.project_id}/items/changes", json={"change": change, **chosen}
        )
        assert answer.status_code == status, answer.text
        view: dict[str, Any] = answer.json()
        return view

    def answer(self, value: str, **more: Any) -> dict[str, Any]:
        chosen = {key: more.pop(key) for key in ("task_ids", "filter") if key in more}
        change = {"kind": "answer", "question_id": "weather", "value": value, **more}
        return self.change(change, **chosen)

    def undo(self, change_id: str) -> dict[str, Any]:
        answer = self.browser.post(f"/api/v1/changes/{change_id}/undo")
        assert answer.status_code == 200, answer.text
        view: dict[str, Any] = answer.json()
        return view

    def grid(self, **query: Any) -> list[dict[str, Any]]:
        found = self.browser.get(f"/api/v1/projects/{self.project_id}/items", params={"limit": 200, **query})
        assert found.status_code == 200, found.text
        rows: list[dict[str, Any]] = found.json()["items"]
        return rows

    def answered(self, value: str) -> int:
        return len(self.grid(value=f'[null,"weather","{value}"]'))

    def task(self, task_id: str) -> dict[str, Any]:
        page: dict[str, Any] = self.browser.get(f"/api/v1/tasks/{task_id}").json()
        return page

    def answers(self) -> list[Any]:
        pages = [self.task(task_id) for task_id in self.task_ids]
        return [page["consensus"] and page["consensus"]["labelling"]["answers"] for page in pages]

    def label_all(self, *, weather: str | None = None) -> None:
        given = {} if weather is None else {"weather": weather}
        for name in "ab":
            member = self.house.member(name, project_id=self.project_id)
            self.house.label(self.project_id, member, lambda key: self._answer(key, given))
        self.house.run_jobs()

    def _answer(self, name: str, given: dict[str, Any]) -> Labelling:
        return labelling(*self.house.truth[name].gold.annotations).model_copy(update={"answers": given})


@pytest.fixture
def desk(installation: Installation) -> Iterator[Desk]:
    return Desk(installation)  # type: ignore[return-value]


def test_an_answer_for_all_goes_before_what_people_say(desk: Desk) -> None:
    view = desk.answer("rain")
    assert (view["total"], view["changed"], view["job_id"]) == (COUNT, COUNT, None)
    assert desk.answered("rain") == COUNT  # at once, though nothing is resolved
    assert desk.answers() == [None] * COUNT
    desk.label_all(weather="sun")
    assert desk.answers() == [{"weather": "rain"}] * COUNT
    assert (desk.answered("rain"), desk.answered("sun")) == (COUNT, 0)
    page = desk.task(desk.task_ids[0])
    assert page["task"]["state"] == "done"
    assert page["consensus"]["labelling"]["annotations"]
    kinds = [(entry["kind"], entry["labelling"]["answers"]["weather"]) for entry in page["submissions"]]
    assert sorted(kinds) == [("bulk", "rain"), ("human", "sun"), ("human", "sun")]
    assert desk.answer("rain")["changed"] == 0  # says nothing new


def test_answers_are_taken_back_one_after_the_other(desk: Desk) -> None:
    desk.label_all(weather="sun")
    objects = [len(desk.task(task_id)["consensus"]["labelling"]["annotations"]) for task_id in desk.task_ids]
    first = desk.answer("rain", filter="objects_min=2&sort=-objects")
    cars = first["total"]
    assert cars == COUNT // 2
    assert desk.answered("rain") == cars
    second = desk.answer("sun", task_ids=desk.task_ids)
    assert second["changed"] == cars
    assert desk.undo(first["change_id"])["changed"] == cars  # a later word stands in its way
    assert desk.answered("sun") == COUNT
    undone = desk.undo(second["change_id"])
    assert (undone["changed"], undone["is_undoable"], undone["undone_by"]) == (
        0,
        False,
        desk.house.owner.member_id,
    )
    assert (desk.answered("rain"), desk.answered("sun")) == (cars, COUNT - cars)
    again = [len(desk.task(task_id)["consensus"]["labelling"]["annotations"]) for task_id in desk.task_ids]
    assert again == objects
    refused = desk.browser.post(f"/api/v1/changes/{second['change_id']}/undo")
    assert refused.status_code == 409
    desk.house.finish(
        desk.browser.post(f"/api/v1/projects/{desk.project_id}/quality/resolve").json()["job_id"]
    )
    assert (desk.answered("rain"), desk.answered("sun")) == (cars, COUNT - cars)


def test_a_final_answer_finishes_and_its_undo_reopens(desk: Desk) -> None:
    member = desk.house.member("early", project_id=desk.project_id)
    desk.house.label(desk.project_id, member, lambda name: desk.house.truth[name].gold, most=2)
    view = desk.answer("sun", is_final=True)
    assert view["changed"] == COUNT
    desk.house.run_jobs()
    states = desk.house.states(desk.project_id)
    assert set(states.values()) == {"done"}
    held = sorted(len(row["classes"]) > 0 for row in desk.grid())
    assert held == [False] * (COUNT - 2) + [True] * 2  # what was handed in is not lost
    assert desk.answered("sun") == COUNT
    desk.undo(view["change_id"])
    assert sorted(desk.house.states(desk.project_id).values()) == ["open"] * COUNT
    assert desk.answered("sun") == 0
    desk.label_all()
    assert set(desk.house.states(desk.project_id).values()) == {"done"}
    assert all(row["classes"] for row in desk.grid())


def test_gold_is_made_of_what_is_in_force(desk: Desk) -> None:
    desk.label_all()
    view = desk.change({"kind": "gold"}, task_ids=desk.task_ids[:2])
    assert view["changed"] == 2
    assert not view["is_undoable"]
    rows = desk.grid(has_gold="true")
    assert [row["task_id"] for row in rows] == desk.task_ids[:2]
    known = [entry for entry in desk.task(desk.task_ids[0])["submissions"] if entry["kind"] == "gold"]
    assert len(known) == 1
    assert all(entry["score"] is None for entry in known[0]["labelling"]["annotations"])
    assert desk.change({"kind": "gold"}, task_ids=desk.task_ids[:2])["changed"] == 0


def test_gold_needs_labels(desk: Desk) -> None:
    assert desk.change({"kind": "gold"})["changed"] == 0


def test_items_are_deleted_and_come_back_with_their_work(desk: Desk) -> None:
    member = desk.house.member("early", project_id=desk.project_id)
    desk.house.label(desk.project_id, member, lambda name: desk.house.truth[name].gold, most=2)
    view = desk.change({"kind": "delete"}, filter="state=open")
    assert view["changed"] == COUNT
    assert desk.grid() == []
    assert {row["state"] for row in desk.grid(deleted="true")} == {"cancelled"}
    assert desk.browser.get(f"/api/v1/projects/{desk.project_id}/items/count").json() == {"count": 0}
    assert desk.undo(view["change_id"])["changed"] == 0
    assert len(desk.grid()) == COUNT
    other = desk.house.member("other", project_id=desk.project_id)
    third = desk.house.member("third", project_id=desk.project_id)
    answer = lambda name: desk.house.truth[name].gold  # noqa: E731
    done = [desk.house.label(desk.project_id, who, answer) for who in (other, third)]
    assert sum(done) == 2 * COUNT - 2  # nobody is asked twice
    desk.house.run_jobs()
    assert set(desk.house.states(desk.project_id).values()) == {"done"}
    deleted = desk.change({"kind": "delete"}, task_ids=desk.task_ids[:1])
    assert deleted["changed"] == 1
    restored = desk.change({"kind": "restore"}, filter="")
    assert (restored["total"], restored["changed"]) == (1, 1)
    assert set(desk.house.states(desk.project_id).values()) == {"done"}


def test_work_is_moved_and_asked_for_again(desk: Desk) -> None:
    batch = desk.browser.post(
        f"/api/v1/projects/{desk.project_id}/batches", json={"name": "Hard", "priority": 3}
    ).json()
    view = desk.change({"kind": "move", "batch_id": batch["batch_id"]}, task_ids=desk.task_ids[:2])
    assert view["changed"] == 2
    assert [row["task_id"] for row in desk.grid(batch=batch["batch_id"])] == desk.task_ids[:2]
    assert desk.task(desk.task_ids[0])["task"]["priority"] == 3
    assert desk.change({"kind": "move", "priority": 7}, task_ids=desk.task_ids[:2])["changed"] == 2
    desk.label_all()
    again = desk.change({"kind": "requeue", "extra_judgements": 1}, task_ids=desk.task_ids[:3])
    assert again["changed"] == 3
    assert sum(row["state"] == "open" for row in desk.grid()) == 3
    desk.change({"kind": "move"}, status=422)
    desk.change({"kind": "move", "batch_id": "bat_other"}, status=404)


def test_many_are_changed_by_a_job(small: Installation) -> None:
    small.app.items.changed_at_once = small.app.items.changed_in_a_portion = 2
    desk = Desk(small)
    view = desk.answer("rain", filter="")
    assert view["job_id"] is not None
    assert (view["finished_ms"], view["settled"]) == (None, 0)
    assert desk.browser.post(f"/api/v1/changes/{view['change_id']}/undo").status_code == 409
    result = small.finish(view["job_id"])
    assert (result["total"], result["changed"]) == (COUNT, COUNT)
    undone = desk.undo(view["change_id"])
    assert undone["job_id"] != view["job_id"]
    small.run_jobs()
    assert desk.answered("rain") == 0
    listed = desk.browser.get(f"/api/v1/projects/{desk.project_id}/items/changes").json()["items"]
    assert [(entry["change_id"], entry["changed"]) for entry in listed] == [(view["change_id"], 0)]
    actions = {
        entry["action"]
        for entry in desk.browser.get(f"/api/v1/workspaces/{small.owner.workspace_id}/audit").json()["items"]
    }
    assert {"items.changed", "items.change_undone"} <= actions


def test_what_does_not_hold_is_refused(small: Installation) -> None:
    desk = Desk(small)
    desk.change({"kind": "gold"}, status=422, task_ids=[])
    desk.change({"kind": "gold"}, status=422, task_ids=["tsk_other"])
    desk.change({"kind": "gold"}, status=422, filter="text=nothing")
    desk.change({"kind": "gold"}, status=422, filter="posterior_min=7")
    desk.change({"kind": "gold"}, status=422, filter="nothing=7")
    desk.change({"kind": "gold"}, status=422, filter="", task_ids=desk.task_ids)
    answer = {"kind": "answer", "question_id": "weather", "value": "snow"}
    assert desk.change(answer, status=422)["errors"][0]["where"] == "weather"
    desk.change({**answer, "question_id": "mood"}, status=422)
    annotator = small.member("ann", project_id=desk.project_id)
    browser = small.browser(annotator)
    body = {"change": {"kind": "gold"}, "filter": ""}
    path = f"/api/v1/projects/{desk.project_id}/items/changes"
    assert browser.post(path, json=body).status_code == 403


def test_slices_keep_filters_under_a_name(small: Installation) -> None:
    desk = Desk(small)
    path = f"/api/v1/projects/{desk.project_id}/slices"
    made = desk.browser.post(path, json={"name": "Doubtful", "query": "posterior_max=0.6&sort=posterior"})
    assert made.status_code == 201
    again = desk.browser.post(path, json={"name": "Doubtful", "query": "state=done"}).json()
    assert again["slice_id"] == made.json()["slice_id"]
    assert [entry["query"] for entry in desk.browser.get(path).json()["items"]] == ["state=done"]
    assert desk.browser.post(path, json={"name": "Wrong", "query": "objects_min=x"}).status_code == 422
    assert desk.browser.delete(f"/api/v1/slices/{again['slice_id']}").status_code == 204
    assert desk.browser.delete(f"/api/v1/slices/{again['slice_id']}").status_code == 404


def test_two_are_compared_on_what_both_labelled(desk: Desk) -> None:
    first = desk.house.member("first", project_id=desk.project_id)
    second = desk.house.member("second", project_id=desk.project_id)
    desk.house.label(desk.project_id, first, lambda name: desk.house.truth[name].gold)
    desk.house.label(desk.project_id, second, lambda name: Labelling(), most=3)
    desk.house.run_jobs()
    path = f"/api/v1/projects/{desk.project_id}/comparisons"

    def pairs(left: str, right: str, **query: Any) -> list[dict[str, Any]]:
        found = desk.browser.get(path, params={"left": left, "right": right, **query})
        assert found.status_code == 200, found.text
        rows: list[dict[str, Any]] = found.json()["items"]
        return rows

    both = pairs(first.member_id, second.member_id)
    assert [entry["task_id"] for entry in both] == desk.task_ids[:3]
    assert all(entry["left"]["annotations"] and not entry["right"]["annotations"] for entry in both)
    after = pairs(second.member_id, first.member_id, cursor=desk.task_ids[0], limit=1)
    assert [entry["task_id"] for entry in after] == desk.task_ids[1:2]
    back = pairs(first.member_id, second.member_id, cursor=desk.task_ids[2], direction="back")
    assert [entry["task_id"] for entry in back] == [desk.task_ids[1], desk.task_ids[0]]
    assert len(pairs(first.member_id, "consensus")) == 3
    assert pairs("gold", "prediction") == []
    annotator = desk.house.browser(first)
    assert annotator.get(path, params={"left": "gold", "right": "consensus"}).status_code == 403
    assert desk.browser.get(path, params={"left": "everybody", "right": "gold"}).status_code == 422
