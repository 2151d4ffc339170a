from __future__ import annotations

from typing import Any

from goldsmith.compat.migration.comparing import compared, differing


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
