"""From spans and relations of two people to a consensus and a dataset version, on both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling, Relation
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Span
from goldsmith.core.ontology import Ontology
from goldsmith.labeling.api import as_known
from goldsmith.labeling.types import ReviewBody, Stage, Verdict
from goldsmith.quality.store.versions import newest_consensus
from goldsmith.training.api import NewRun
from tests.integration.quality.installation import Installation

TEXT = "Ann 😀 works for Gold Ltd since 2019."
ONTOLOGY = Ontology.model_validate(
    {
        "classes": [
            {"class_id": "person", "name": "Person", "geometry_kinds": ["span"]},
            {"class_id": "firm", "name": "Firm", "geometry_kinds": ["span"]},
        ],
        "relation_types": [
            {
                "relation_type_id": "works",
                "name": "works for",
                "from_class_ids": ["person"],
                "to_class_ids": ["firm"],
            }
        ],
        "questions": [
            {"attribute_id": "since", "name": "Since", "kind": "date"},
            {
                "attribute_id": "order",
                "name": "Order",
                "kind": "ranking",
                "options": [{"option_id": name, "name": name} for name in "abc"],
            },
        ],
    }
)


def said(name: str, *, end: int = 23, relates: bool = True, since: str = "2019-01-01") -> Labelling:
    answers: dict[str, AttributeValue] = {"since": since, "order": ["b", "a", "c"]}
    return Labelling(
        annotations=[
            Annotation(annotation_id=f"{name}1", class_id="person", geometry=Span(start=0, end=3)),
            Annotation(annotation_id=f"{name}2", class_id="firm", geometry=Span(start=16, end=end)),
        ],
        relations=[
            Relation(relation_id=f"{name}3", relation_type_id="works", from_id=f"{name}1", to_id=f"{name}2")
        ]
        if relates
        else [],
        answers=answers,
    )


@pytest.fixture
def labelled(installation: Installation) -> tuple[Installation, str]:
    """A text that two people labelled, and another on which only one of them saw the relation."""
    project_id = installation.project("Letters", ontology=ONTOLOGY, overlap=2)
    lines = [json.dumps({"text": TEXT, "name": name}) for name in ("one", "two")]
    answer = installation.browser().post(
        f"/api/v1/projects/{project_id}/items/bulk", content="\n".join(lines).encode()
    )
    assert answer.json()["created"] == 2
    for name in ("ann", "bob"):
        who = installation.member(name, project_id=project_id)
        given = {"one": said(name), "two": said(name, relates=name == "ann", since=f"2019-01-0{len(name)}")}
        assert installation.label(project_id, who, given.__getitem__) == 2
    installation.run_jobs()
    return installation, project_id


def consensus_of(made: Installation, task_id: str) -> Any:
    return made.read(lambda tx: newest_consensus(tx, task_id))


def test_two_people_make_a_consensus_with_posteriors(labelled: tuple[Installation, str]) -> None:
    made, project_id = labelled
    tasks = made.tasks_of(project_id)
    labelling = consensus_of(made, tasks["one"]).labelling
    assert [a.geometry for a in labelling.annotations] == [Span(start=0, end=3), Span(start=16, end=23)]
    assert all(a.score is not None and a.score > 0.9 for a in labelling.annotations)
    (relation,) = labelling.relations
    ids = [a.annotation_id for a in labelling.annotations]
    assert (relation.relation_type_id, relation.from_id, relation.to_id) == ("works", *ids)
    assert relation.score is not None
    assert relation.score > 0.9
    (doubtful,) = consensus_of(made, tasks["two"]).labelling.relations
    assert doubtful.score is not None
    assert doubtful.score < relation.score
    view = made.browser().get(f"/api/v1/tasks/{tasks['one']}/consensus").json()
    assert view["labelling"]["relations"][0]["score"] == relation.score
    assert view["labelling"]["answers"] == {"since": "2019-01-01", "order": ["b", "a", "c"]}
    assert view["answers"]["since"]["2019-01-01"] > 0.9
    assert ONTOLOGY.faults_of(labelling) == []


def test_a_version_of_texts_keeps_relations_and_no_detector_learns_from_it(
    labelled: tuple[Installation, str],
) -> None:
    made, project_id = labelled
    job_id = made.browser().post(f"/api/v1/projects/{project_id}/quality/resolve").json()["job_id"]
    assert made.finish(job_id)["versions_stored"] == 0
    version = made.cut("letters", [project_id], split={"mode": "fixed", "fixed_split": "train"})
    entries = list(made.app.datasets.read_entries(version))
    assert {len(entry.labelling.relations) for entry in entries} <= {1, 0}
    assert any(entry.labelling.relations for entry in entries)
    assert version.card["media"] == {"text": 2}
    body = NewRun(dataset_version_id=version.dataset_version_id, model_name="detector")
    with pytest.raises(InvalidInputError, match="2 items of this dataset version are texts"):
        made.write(lambda tx: made.app.training.start_run(tx, made.owner, body=body))


def test_a_streamed_coco_document_says_what_it_could_not_hold(labelled: tuple[Installation, str]) -> None:
    made, project_id = labelled
    exported = made.browser().get(f"/api/v1/projects/{project_id}/export?format=coco").json()
    assert [entry["name"] for entry in exported["goldsmith"]["relation_types"]] == ["works for"]
    assert exported["goldsmith"]["losses"] == {"relations": 2, "spans_left_out": 4}
    assert exported["goldsmith"]["examples"]["relations"] == ["one", "two"]


def test_a_lesson_says_which_relation_was_missed(labelled: tuple[Installation, str]) -> None:
    made, project_id = labelled
    task_id = made.tasks_of(project_id)["one"]
    known = {task_id: said("known")}
    made.write(
        lambda tx: made.app.labeling.mark_gold(
            tx, project_id=project_id, answers=known, by=made.owner.member_id
        )
    )
    course = {"lessons": [{"task_id": task_id, "text": "Who works where?"}], "exam": []}
    assert made.browser().put(f"/api/v1/projects/{project_id}/course", json=course).status_code == 200
    browser = made.browser(made.member("eve", project_id=project_id))
    task = browser.post(f"/api/v1/projects/{project_id}/course/next").json()
    answer = said("eve", relates=False)
    lease = task["lease"]["judgement_id"]
    body = {
        "token": task["lease"]["token"],
        "request_key": lease,
        "labelling": answer.model_dump(mode="json"),
        "active_ms": 1000,
        "ontology_version": task["ontology_version"],
        "instructions_version": task["instructions_version"],
    }
    assert browser.post(f"/api/v1/leases/{lease}/submit", json=body).status_code == 200
    told = browser.post(f"/api/v1/course/{lease}/feedback").json()
    assert (told["right"], told["wrong"], told["missed"]) == (4, 0, 1)
    (missed,) = [entry for entry in told["findings"] if entry["kind"] == "missed"]
    assert missed["sentence"] == "works for from Person to Firm: missed."
    assert (missed["relation_id"], missed["known_relation_id"]) == (None, "known3")


def test_an_audit_counts_a_relation_that_the_reviewer_takes_away(labelled: tuple[Installation, str]) -> None:
    made, project_id = labelled
    reviewer = made.member("Rita", "reviewer", project_id=project_id)
    begin = {"target": 0.9, "most_tasks": 2}
    url = f"/api/v1/projects/{project_id}/quality/audits"
    assert made.browser().post(url, json=begin).status_code == 201
    for _ in range(2):
        task = made.write(
            lambda tx: made.app.labeling.next_task(tx, reviewer, project_id=project_id, stage=Stage.REVIEW)
        )
        shown = Labelling.model_validate_json(bytes(task.to_wire()["review"]["consensus"]))
        body = ReviewBody(
            token=task.token,
            request_key=task.judgement_id,
            verdict=Verdict.FIX,
            labelling=as_known(shown).model_copy(update={"relations": []}),
            active_ms=2_000,
        )
        made.write(
            lambda tx, task=task, body=body: made.app.labeling.review(
                tx, reviewer, judgement_id=task.judgement_id, body=body
            )
        )
        made.run_jobs()
    (audit,) = made.browser().get(url).json()["audits"]
    wrong = {
        entry["item_name"]: (entry["right"], entry["wrong"], entry["missed"]) for entry in audit["findings"]
    }
    assert wrong["one"] == (4, 1, 0)
