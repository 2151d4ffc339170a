from __future__ import annotations

from typing import Any

from goldsmith.compat.migration.comparing import compared, differing
from goldsmith.compat.migration.team import group_key, group_names


def task(**changes: Any) -> dict[str, Any]:
    box = {"uuid": "a", "type": "box", "left": 1.50001, "top": 2.0, "label": "Cow"}
    return {
        "task_id": "576ba74eec471ff9b01557cc",
        "project": "cows",
        "type": "imageannotation",
        "status": "completed",
        "params": {"attachment": "https://a.example/1.jpg", "geometries": {"box": {"min_width": 10}}},
        "tags": ["b", "a"],
        "response": {"annotations": [box], "mask": "https://a.example/m.png?signature=1"},
        "updated_at": "2021-06-17T21:46:36.359Z",
        **changes,
    }


def unlike(ours: dict[str, Any], *, prefix: str = "") -> list[str]:
    return differing(compared("task", task()), compared("task", ours, prefix=prefix))


def test_what_must_differ_between_two_places_does_not_count() -> None:
    ours = task(
        project="old-cows", tags=["a", "b"], updated_at="later", metadata={}, batch=None, unique_id=""
    )
    ours["response"] = {
        "mask": "https://b.example/other.png",
        "annotations": [{"label": "Cow", "uuid": "a", "type": "box", "left": 1.5, "top": 2, "note": None}],
    }
    assert unlike(ours, prefix="old-") == []


def test_what_differs_is_named() -> None:
    assert unlike(task(project="old-cows")) == ["project"]
    assert unlike(task(status="pending", response=None)) == ["status", "response"]
    changed = task(params={"attachment": "https://b.example/1.jpg", "geometries": {"box": {"min_width": 10}}})
    assert unlike(changed) == ["params"]
    assert unlike(task(unique_id="u", tags=["a"])) == ["unique_id", "tags"]


def test_addresses_count_in_parameters_but_not_in_responses() -> None:
    theirs, ours = {"params": {"a": "https://x/1"}}, {"params": {"a": "https://x/2"}}
    assert differing(compared("task", theirs), compared("task", ours)) == ["params"]
    theirs, ours = {"response": {"a": "https://x/1"}}, {"response": {"a": "https://x/2"}}
    assert differing(compared("task", theirs), compared("task", ours)) == []


def test_projects_and_batches_are_compared_too() -> None:
    project = {"name": "cows", "type": "comparison", "param_history": [{"version": 0}], "created_at": "then"}
    assert (
        differing(
            compared("project", project), compared("project", {**project, "name": "x-cows"}, prefix="x-")
        )
        == []
    )
    batch = {"name": "b", "project": "cows", "metadata": {}, "callback": "", "status": "staging"}
    assert differing(compared("batch", batch), compared("batch", {**batch, "callback": "http://a"})) == [
        "callback"
    ]


def test_people_groups_and_known_answers_are_compared_by_what_may_not_differ() -> None:
    person = {"email": "a@b", "role": "labeler", "projects": ["q", "p"]}
    here = {"email": "a@b", "role": "admin", "projects": ["x-p", "x-q"]}
    assert differing(compared("person", person), compared("person", here, prefix="x-")) == []
    group = {"project": "p", "name": "g", "emails": ["a@b", "c@d"], "batches": []}
    assert differing(compared("group", group), compared("group", {**group, "emails": ["c@d", "a@b"]})) == []
    assert differing(compared("group", group), compared("group", {**group, "emails": []})) == ["emails"]
    known = {"task_id": "1", "type": "comparison", "status": "pending", "expected_response": {"choice": "a"}}
    assert (
        differing(compared("evaluation", known), compared("evaluation", {**known, "status": "completed"}))
        == []
    )
    other = {**known, "expected_response": {"choice": "b"}}
    assert differing(compared("training", known), compared("training", other)) == ["expected_response"]


def test_an_audit_that_was_not_is_none() -> None:
    assert unlike(task(customer_review_status="pending")) == []
    assert unlike(task(customer_review_status="rejected")) == ["customer_review_status"]


def test_names_of_groups_are_read_back_from_their_keys() -> None:
    for project, name in (("a/b", "c%2F"), ("", "x"), ("ä ö", "1/2")):
        assert group_names(group_key(project, name)) == (project, name)
