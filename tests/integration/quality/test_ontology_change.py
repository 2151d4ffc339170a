"""Labels of an older ontology read in the newest one, wherever they go on to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.projects.types import Migration, Rule, Subject
from goldsmith.quality.store import versions
from tests.integration.quality.installation import Installation, picture, shaken

RENAMED = Ontology(
    classes=[
        LabelClass(class_id="vehicle", name="Vehicle", geometry_kinds=["box"]),
        LabelClass(class_id="sign", name="Sign", geometry_kinds=["box", "polygon"]),
    ]
)
CAR_IS_VEHICLE = Migration(rules=[Rule(subject=Subject(class_id="car"), action="map", to="vehicle")])


def label(made: Installation, project_id: str, *, people: tuple[str, ...], as_vehicle: bool) -> None:
    def answer(name: str) -> Labelling:
        seen = shaken(made.truth[name].gold, seed=len(people) * int(name[:3]))
        if not as_vehicle:
            return seen
        renamed = [
            entry.model_copy(update={"class_id": "vehicle"}) if entry.class_id == "car" else entry
            for entry in seen.annotations
        ]
        return seen.model_copy(update={"annotations": renamed})

    for person in people:
        made.label(project_id, made.member(person, project_id=project_id), answer)
    made.run_jobs()


def classes_in_force(made: Installation, project_id: str) -> set[str]:
    labels = [label for batch in made.app.quality.iter_labels(project_id) for label in batch]
    return {entry.class_id for label in labels for entry in label.labelling.annotations}


def test_old_labels_and_new_ones_become_one_consensus(installation: Installation) -> None:
    made = installation
    project_id = made.project(overlap=2, gold_rate=0.3)
    made.import_pictures(project_id, [picture(n) for n in range(20, 23)], labels_as="gold", batch="gold")
    made.import_pictures(project_id, [picture(n) for n in range(4)])
    label(made, project_id, people=("Ann", "Ben"), as_vehicle=False)
    assert classes_in_force(made, project_id) == {"car", "sign"}

    made.write(
        lambda tx: made.app.projects.put_ontology(
            tx, made.owner, project_id, ontology=RENAMED, migration=CAR_IS_VEHICLE
        )
    )
    assert classes_in_force(made, project_id) == {"vehicle", "sign"}, (
        "known answers and consensus, unresolved"
    )
    splits = made.cut("streets", [project_id]).card["splits"]
    assert isinstance(splits, dict)
    assert set().union(*(split["classes"] for split in splits.values())) == {"Vehicle", "Sign"}

    task_ids = [
        task_id
        for task_id in made.tasks_of(project_id).values()
        if made.read(_version_of(task_id)) is not None
    ]
    made.write(lambda tx: made.app.labeling.requeue(tx, project_id=project_id, task_ids=task_ids))
    label(made, project_id, people=("Cleo",), as_vehicle=True)
    for task_id in task_ids:
        view = made.read(_version_of(task_id))
        assert (view.version, view.ontology_version) == (2, 2)
        assert len(view.submission_ids) == 3
        classes = [entry.class_id for entry in view.labelling.annotations if (entry.score or 0.0) > 0.5]
        assert set(classes) <= {"vehicle", "sign"}
        assert len(view.labelling.annotations) == len(classes), "three people saw the same objects"


def test_reviewers_and_exports_see_old_labels_in_the_newest_ontology(installation: Installation) -> None:
    made = installation
    project_id = made.project(overlap=2, review={"mode": "all"})
    made.import_pictures(project_id, [picture(n) for n in range(2)])
    label(made, project_id, people=("Ann", "Ben"), as_vehicle=False)
    made.write(
        lambda tx: made.app.projects.put_ontology(
            tx, made.owner, project_id, ontology=RENAMED, migration=CAR_IS_VEHICLE
        )
    )
    reviewer = made.browser(made.member("Rita", "reviewer", project_id=project_id))
    task = reviewer.post(f"/api/v1/projects/{project_id}/tasks/next", json={"stage": "review"}).json()
    shown = [task["review"]["consensus"], *(entry["labelling"] for entry in task["review"]["submissions"])]
    assert len(shown) == 3
    for seen in shown:
        assert {entry["class_id"] for entry in seen["annotations"]} <= {"vehicle", "sign"}
    exported = made.browser().get(f"/api/v1/projects/{project_id}/export?format=coco").json()
    assert [entry["name"] for entry in exported["categories"]] == ["vehicle", "sign"]
    lines = made.browser().get(f"/api/v1/projects/{project_id}/export?format=jsonl").text
    assert '"vehicle"' in lines
    assert '"car"' not in lines
    given = made.browser().get(f"/api/v1/projects/{project_id}/export?format=jsonl&labels=submissions").text
    assert '"car"' in given, "what people said is evidence and stays as it was"


def _version_of(task_id: str) -> Callable[[Any], Any]:
    return lambda tx: versions.newest_consensus(tx, task_id)
