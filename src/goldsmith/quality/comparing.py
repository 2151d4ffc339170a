"""An answer beside the known answer, object by object: what is right, wrong and missed. Pure.

A relation is compared where both objects at its ends have a partner; what lacks an end follows from the missed or
surplus object, which is told already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.ontology import Ontology, RelationType
from goldsmith.quality.evidence import class_index, gather
from goldsmith.quality.types import Finding, FindingKind, Vote
from goldsmith.science.matching import similar_pairs

SAME_FROM: Final = 0.5
"""IoU (or nearness) from which two objects are at the same place."""
NEAR_FROM: Final = 0.1
"""From here on, an object that is not at the same place is a loose shape of the other, and not another object."""

_GIVEN: Final = "given"
_KNOWN: Final = "known"


class Pair(NamedTuple):
    """An object of the answer and the object of the known answer that it is compared with; either may be absent."""

    kind: FindingKind
    given: Annotation | None
    known: Annotation | None


class RelatedPair(NamedTuple):
    """A relation of the answer and that of the known answer between the same objects; either may be absent."""

    kind: FindingKind
    given: Relation | None
    known: Relation | None


class Comparison(NamedTuple):
    """An answer beside the known answer.

    Attributes:
        pairs: Every object of either, those of the known answer first, in its order.
        relations: Every relation of either between objects that have a partner, likewise.
        wrong_questions: Questions that are answered differently.
        right_questions: Questions that are answered alike.
    """

    pairs: tuple[Pair, ...]
    relations: tuple[RelatedPair, ...]
    wrong_questions: tuple[str, ...]
    right_questions: tuple[str, ...]

    @property
    def right(self) -> int:
        """Objects, relations and questions that are right; an item without any counts as one if none was marked."""
        if not self.pairs and not self.wrong_questions and not self.right_questions:
            return 1
        return self._count(FindingKind.RIGHT) + len(self.right_questions)

    @property
    def wrong(self) -> int:
        """Objects and relations of the answer, and questions, that are not right."""
        wrong = (FindingKind.CLASS, FindingKind.SHAPE, FindingKind.EXTRA, FindingKind.RELATION)
        return self._count(*wrong) + len(self.wrong_questions)

    @property
    def missed(self) -> int:
        """Objects and relations of the known answer that nothing in the answer stands for."""
        return self._count(FindingKind.MISSED)

    @property
    def total(self) -> int:
        """All decisions that were compared."""
        return self.right + self.wrong + self.missed

    def _count(self, *kinds: FindingKind) -> int:
        told = [pair.kind for pair in self.pairs] + [pair.kind for pair in self.relations]
        return sum(kind in kinds for kind in told)


def compare(given: Labelling, known: Labelling, *, relation_types: Sequence[RelationType] = ()) -> Comparison:
    """Compare one answer; see ``compare_all``."""
    return compare_all([(given, known)], relation_types=relation_types)[0]


def undirected_types(relation_types: Sequence[RelationType]) -> frozenset[str]:
    """Return the ids of the types for which both directions say the same."""
    return frozenset(entry.relation_type_id for entry in relation_types if not entry.is_directed)


def compare_all(
    answers: Sequence[tuple[Labelling, Labelling]], *, relation_types: Sequence[RelationType] = ()
) -> list[Comparison]:
    """Compare answers with known answers, in order.

    Objects are matched one-to-one, those of the same class and place first, then those of another class at the same
    place, then loose shapes; the most similar first.

    Args:
        answers: (answer, known answer) of any number of items.
        relation_types: Of the ontology; those that are not among them have a direction.
    """
    undirected = undirected_types(relation_types)
    votes = [
        Vote(str(number), f"{member}{number}", member, labelling)
        for number, (given, known) in enumerate(answers)
        for member, labelling in ((_GIVEN, given), (_KNOWN, known))
    ]
    classes = class_index([], (vote.labelling for vote in votes))
    evidence = gather(votes, members={_GIVEN: 0, _KNOWN: 1}, classes=classes)
    marks = evidence.marks
    alike = similar_pairs(marks, other_class_factor=1.0)
    candidates = []
    for first, second, similarity in zip(
        alike.first.tolist(), alike.second.tolist(), alike.similarity.tolist(), strict=True
    ):
        if similarity >= NEAR_FROM:
            given, known = (first, second) if marks.annotator[first] == 0 else (second, first)
            is_same = marks.class_index[first] == marks.class_index[second]
            candidates.append((_rank(similarity, is_same=bool(is_same)), -similarity, given, known))
    partner: dict[int, tuple[int, FindingKind]] = {}
    for rank, _, given, known in sorted(candidates):
        if given not in partner and known not in partner:
            partner[given] = (known, _KINDS[rank])
            partner[known] = (given, _KINDS[rank])
    objects: list[list[tuple[int, Annotation]]] = [[] for _ in votes]
    for mark, (vote, annotation) in enumerate(evidence.mark_of):
        objects[vote].append((mark, annotation))
    of_mark = [annotation for _, annotation in evidence.mark_of]
    return [
        _comparison(
            answers[number], objects[2 * number], objects[2 * number + 1], partner, of_mark, undirected
        )
        for number in range(len(answers))
    ]


_KINDS: Final = (FindingKind.RIGHT, FindingKind.CLASS, FindingKind.SHAPE)


def _rank(similarity: float, *, is_same: bool) -> int:
    if similarity >= SAME_FROM:
        return 0 if is_same else 1
    return 2


def _comparison(
    answer: tuple[Labelling, Labelling],
    given: Sequence[tuple[int, Annotation]],
    known: Sequence[tuple[int, Annotation]],
    partner: Mapping[int, tuple[int, FindingKind]],
    of_mark: Sequence[Annotation],
    undirected: frozenset[str],
) -> Comparison:
    pairs = []
    for mark, annotation in known:
        if mark in partner:
            other, kind = partner[mark]
            pairs.append(Pair(kind, of_mark[other], annotation))
        else:
            pairs.append(Pair(FindingKind.MISSED, None, annotation))
    pairs += [Pair(FindingKind.EXTRA, annotation, None) for mark, annotation in given if mark not in partner]
    said, expected = answer[0].answers, answer[1].answers
    wrong = tuple(sorted(name for name, value in expected.items() if said.get(name) != value))
    right = tuple(sorted(name for name, value in expected.items() if said.get(name) == value))
    return Comparison(tuple(pairs), tuple(_related(answer, pairs, undirected)), wrong, right)


class _Said(NamedTuple):
    """A relation as numbers of the pairs of objects at its ends."""

    relation: Relation
    type_id: str
    start: int
    end: int

    @property
    def between(self) -> tuple[int, int]:
        return min(self.start, self.end), max(self.start, self.end)


def _related(
    answer: tuple[Labelling, Labelling], pairs: Sequence[Pair], undirected: frozenset[str]
) -> list[RelatedPair]:
    """Compare the relations of two labellings: the same ones first, then those between the same objects."""
    matched = [
        (number, pair.given, pair.known)
        for number, pair in enumerate(pairs)
        if pair.given is not None and pair.known is not None
    ]
    given = _facts(answer[0], {one.annotation_id: number for number, one, _ in matched}, undirected)
    known = _facts(answer[1], {other.annotation_id: number for number, _, other in matched}, undirected)
    left: defaultdict[tuple[int, int], list[_Said]] = defaultdict(list)
    for fact in sorted(given.keys() - known.keys()):
        left[given[fact].between].append(given[fact])
    partner: dict[tuple[str, int, int], _Said] = {fact: given[fact] for fact in known if fact in given}
    kinds = dict.fromkeys(partner, FindingKind.RIGHT)
    # of several between two objects, those of one type stand for each other first
    for is_of_type in (True, False):
        for fact, one in known.items():
            others = [e for e in left[one.between] if not is_of_type or e.type_id == one.type_id]
            if fact not in partner and others:
                partner[fact] = others[0]
                kinds[fact] = FindingKind.RELATION
                left[one.between].remove(others[0])
    found = [
        RelatedPair(FindingKind.MISSED, None, one.relation)
        if fact not in partner
        else RelatedPair(kinds[fact], partner[fact].relation, one.relation)
        for fact, one in known.items()
    ]
    surplus = {one.relation.relation_id for entries in left.values() for one in entries}
    return found + [
        RelatedPair(FindingKind.EXTRA, one.relation, None)
        for one in given.values()
        if one.relation.relation_id in surplus
    ]


def _facts(
    labelling: Labelling, ends: Mapping[str, int], undirected: frozenset[str]
) -> dict[tuple[str, int, int], _Said]:
    """Return what the relations between objects that have a partner say, each fact once."""
    found: dict[tuple[str, int, int], _Said] = {}
    for relation in labelling.relations:
        if relation.from_id in ends and relation.to_id in ends:
            said = _Said(relation, relation.relation_type_id, ends[relation.from_id], ends[relation.to_id])
            way = said.between if said.type_id in undirected else (said.start, said.end)
            found.setdefault((said.type_id, *way), said)
    return found


def findings_of(comparison: Comparison, *, ontology: Ontology) -> list[Finding]:
    """Return what is told of a comparison.

    Args:
        comparison: The answer beside the known answer.
        ontology: Gives the names.
    """
    classes = {entry.class_id: entry.name for entry in ontology.classes}

    def name(annotation: Annotation | None) -> str:
        return "" if annotation is None else classes.get(annotation.class_id, annotation.class_id)

    findings = [
        Finding(
            kind=pair.kind,
            annotation_id=None if pair.given is None else pair.given.annotation_id,
            known_annotation_id=None if pair.known is None else pair.known.annotation_id,
            sentence=_SENTENCES[pair.kind].format(given=name(pair.given), known=name(pair.known)),
        )
        for pair in comparison.pairs
    ]
    findings += _findings_of_relations(
        comparison,
        ontology.relation_types,
        given_names={pair.given.annotation_id: name(pair.given) for pair in comparison.pairs if pair.given},
        known_names={pair.known.annotation_id: name(pair.known) for pair in comparison.pairs if pair.known},
    )
    questions = {entry.attribute_id: entry.name for entry in ontology.questions}
    return findings + [
        Finding(
            kind=FindingKind.ANSWER,
            annotation_id=None,
            known_annotation_id=None,
            sentence=f"{questions.get(question, question)}: another answer is right.",
        )
        for question in comparison.wrong_questions
    ]


def _findings_of_relations(
    comparison: Comparison,
    relation_types: Sequence[RelationType],
    *,
    given_names: Mapping[str, str],
    known_names: Mapping[str, str],
) -> list[Finding]:
    types = {entry.relation_type_id: entry for entry in relation_types}

    def words(relation: Relation | None, names: Mapping[str, str]) -> str:
        if relation is None:
            return ""
        kind = types.get(relation.relation_type_id)
        ends = "between {0} and {1}" if kind is not None and not kind.is_directed else "from {0} to {1}"
        said = relation.relation_type_id if kind is None else kind.name
        return f"{said} {ends.format(names[relation.from_id], names[relation.to_id])}"

    return [
        Finding(
            kind=pair.kind,
            annotation_id=None,
            known_annotation_id=None,
            relation_id=None if pair.given is None else pair.given.relation_id,
            known_relation_id=None if pair.known is None else pair.known.relation_id,
            sentence=_SENTENCES[pair.kind].format(
                given=words(pair.given, given_names), known=words(pair.known, known_names)
            ),
        )
        for pair in comparison.relations
    ]


_SENTENCES: Final = {
    FindingKind.RIGHT: "{known}: right.",
    FindingKind.CLASS: "This is {known}, not {given}.",
    FindingKind.SHAPE: "{known}: the outline does not fit well enough.",
    FindingKind.EXTRA: "{given}: nothing of the kind is here.",
    FindingKind.MISSED: "{known}: missed.",
    FindingKind.RELATION: "This is {known}, not {given}.",
}
