"""From spans and relations of two people to a consensus and a dataset version, on both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling, Relation
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Span
from goldsmith.core.ontology import Ontology
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
