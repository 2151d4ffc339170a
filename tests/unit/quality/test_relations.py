"""Spans and relations of several people made one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import Span
from goldsmith.core.ontology import LabelClass, Ontology, RelationType
from goldsmith.quality.comparing import compare
from goldsmith.quality.learning import learn
from goldsmith.quality.policy import says_the_same
from goldsmith.quality.relations import RelationSkill
from goldsmith.quality.service.fitting import Fit, resolve_votes
from goldsmith.quality.shapes import span_of
from goldsmith.quality.types import DECIDER, ConsensusView, MemberSkill, ResolvedTask, Vote

ONTOLOGY = Ontology(
    classes=[
        LabelClass(class_id="person", name="Person", geometry_kinds=["span"]),
        LabelClass(class_id="firm", name="Firm", geometry_kinds=["span"]),
    ],
    relation_types=[
        RelationType(relation_type_id="works", name="works for"),
        RelationType(relation_type_id="same", name="same as", is_directed=False),
    ],
)
PEOPLE = {"ann": (0, 3), "bob": (10, 13), "ltd": (20, 27)}


def said(*relations: tuple[str, str, str], moved: int = 0, without: str = "") -> Labelling:
    objects = [
        Annotation(
            annotation_id=name,
            class_id="firm" if name == "ltd" else "person",
            geometry=Span(start=start, end=end + moved),
        )
        for name, (start, end) in PEOPLE.items()
        if name != without
    ]
    return Labelling(
        annotations=objects,
        relations=[
            Relation(relation_id=f"r{number}", relation_type_id=kind, from_id=start, to_id=end)
            for number, (kind, start, end) in enumerate(relations)
        ],
    )


def votes_of(*labellings: Labelling, task: str = "t1") -> list[Vote]:
    return [Vote(task, f"{task}_sub_{n}", f"mem_{n}", given) for n, given in enumerate(labellings)]


def fitted(votes: list[Vote]) -> Fit:
    made = learn(votes, {}, ontology_classes=["person", "firm"], relation_types=ONTOLOGY.relation_types)
    numbers = {member: entry.model_dump() for member, entry in made.numbers.items()}
    return Fit(1, made.members, made.classes, made.skill, numbers, {}, made.relations, ONTOLOGY)


def resolved(votes: list[Vote], *decided: Vote) -> ResolvedTask:
    (task,) = resolve_votes([*votes, *decided], fitted(votes))
    assert ONTOLOGY.faults_of(task.labelling) == []
    return task


def facts(task: ResolvedTask) -> dict[tuple[str, str, str], float]:
    ends = {a.annotation_id: a.annotation_id.rpartition(":")[2] for a in task.labelling.annotations}
    return {
        (r.relation_type_id, ends[r.from_id], ends[r.to_id]): r.score or 0.0 for r in task.labelling.relations
    }


WORKS = ("works", "ann", "ltd")


def test_spans_of_several_become_one_with_a_posterior() -> None:
    task = resolved(votes_of(said(), said(moved=2), said()))
    assert [a.geometry for a in task.labelling.annotations] == [
        Span(start=start, end=end) for start, end in PEOPLE.values()
    ]
    assert all(a.score is not None and a.score > 0.9 for a in task.labelling.annotations)
    assert [a.class_id for a in task.labelling.annotations] == ["person", "person", "firm"]


def test_neighbouring_characters_are_not_the_same() -> None:
    one = Labelling(
        annotations=[Annotation(annotation_id="a", class_id="firm", geometry=Span(start=0, end=1))]
    )
    other = Labelling(
        annotations=[Annotation(annotation_id="b", class_id="firm", geometry=Span(start=1, end=2))]
    )
    assert len(resolved(votes_of(one, other)).labelling.annotations) == 2


def test_an_end_is_where_most_of_the_weight_puts_it() -> None:
    spans = [(Span(start=0, end=5), 0.8), (Span(start=0, end=8), 0.8), (Span(start=2, end=8), 0.8)]
    assert span_of(spans[2][0], spans) == Span(start=0, end=8)
    two = [(Span(start=0, end=5), 0.8), (Span(start=2, end=8), 0.8)]
    assert span_of(two[1][0], two) == Span(start=2, end=8)


def test_relations_become_one_with_a_posterior() -> None:
    found = facts(resolved(votes_of(said(WORKS), said(WORKS, moved=1), said(("works", "bob", "ltd")))))
    assert found[WORKS] > 0.9
    assert found["works", "bob", "ltd"] < 0.5
    assert facts(resolved(votes_of(said(WORKS))))[WORKS] > 0.5


def test_a_type_without_direction_is_the_same_both_ways() -> None:
    found = facts(resolved(votes_of(said(("same", "ann", "bob")), said(("same", "bob", "ann")))))
    (fact,) = found
    assert {fact[1], fact[2]} == {"ann", "bob"}
    directed = facts(resolved(votes_of(said(("works", "ann", "bob")), said(("works", "bob", "ann")))))
    assert len(directed) == 2


def test_who_did_not_see_an_end_says_nothing() -> None:
    silent = facts(resolved(votes_of(said(WORKS), said(without="ann"), said(without="ann"))))
    against = facts(resolved(votes_of(said(WORKS), said(), said())))
    assert silent[WORKS] > against[WORKS]


def test_what_a_reviewer_relates_is_held() -> None:
    votes = votes_of(said(), said(), said())
    decided = Vote("t1", "fix", DECIDER, said(WORKS))
    assert facts(resolved(votes, decided))[WORKS] >= 0.9


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([WORKS, ("works", "bob", "ltd"), ("same", "ann", "bob")]), unique=True),
        min_size=1,
        max_size=4,
    ),
    st.randoms(),
)
def test_the_order_of_votes_does_not_matter_and_all_that_is_said_has_a_chance(
    given_facts: list[list[tuple[str, str, str]]], random: object
) -> None:
    votes = votes_of(*(said(*entry) for entry in given_facts))
    one = resolved(votes)
    shuffled = list(votes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert facts(resolved(shuffled)) == pytest.approx(facts(one), abs=1e-6)
    assert {(kind, *sorted(ends)) for kind, *ends in facts(one)} == {
        (kind, *sorted(ends)) for entry in given_facts for kind, *ends in entry
    }
    assert all(0.0 < score < 1.0 for score in facts(one).values())


def test_skill_is_kept_as_it_was_learnt() -> None:
    fit = fitted(votes_of(said(WORKS), said(WORKS)))
    assert fit.relations is not None
    again = RelationSkill.from_json(json.loads(json.dumps(fit.relations.as_json())))
    assert again.types == fit.relations.types
    assert again.rates.detection.tolist() == fit.relations.rates.detection.tolist()
    assert fitted(votes_of(said(), said())).relations is None


def test_another_relation_is_news() -> None:
    votes = votes_of(said(WORKS), said(WORKS))
    task = resolved(votes)
    view = ConsensusView(
        task_id="t1",
        version=1,
        method="detection",
        labelling=Labelling.model_validate_json(task.labelling.as_json()),
        ontology_version=1,
        support={},
        submission_ids=task.submission_ids,
        lowest_posterior=task.lowest_posterior,
        created_ms=0,
    )
    assert says_the_same(view, task)
    assert task.lowest_posterior is not None
    assert isinstance(task.labelling, Labelling)
    bare = task.labelling.model_copy(update={"relations": []})
    assert not says_the_same(view, task._replace(labelling=bare))


def test_a_text_is_compared_with_its_known_answer() -> None:
    right = compare(said(moved=0), said())
    assert (right.right, right.wrong, right.missed) == (3, 0, 0)
    assert compare(said(without="bob"), said()).missed == 1


def numbers_of(votes: list[Vote], gold: dict[str, Labelling]) -> dict[str, MemberSkill]:
    return learn(
        votes, gold, ontology_classes=["person", "firm"], relation_types=ONTOLOGY.relation_types
    ).numbers


def test_who_relates_objects_wrongly_is_less_skilled() -> None:
    turned = ("works", "ltd", "ann")
    votes = [
        vote
        for task in range(6)
        for vote in votes_of(said(WORKS), said(WORKS), said(turned), task=f"t{task}")
    ]
    by_gold = numbers_of(votes, {f"t{task}": said(WORKS) for task in range(6)})
    assert (by_gold["mem_0"].gold.right, by_gold["mem_0"].gold.total) == (24, 24)
    assert (by_gold["mem_2"].gold.right, by_gold["mem_2"].gold.total) == (18, 24)
    among_others = numbers_of(votes, {})
    assert among_others["mem_2"].agreement < among_others["mem_0"].agreement
    assert among_others["mem_2"].skill.value < among_others["mem_0"].skill.value


def test_what_gold_relates_and_nobody_said_counts_and_objects_that_are_missing_count_once() -> None:
    silent = numbers_of(votes_of(said(), said(without="ann")), {"t1": said(WORKS)})
    assert (silent["mem_0"].gold.right, silent["mem_0"].gold.total) == (3, 4)
    assert (silent["mem_1"].gold.right, silent["mem_1"].gold.total) == (2, 3)
