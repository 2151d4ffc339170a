"""An answer beside the known answer, object by object: what is right, wrong and missed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from goldsmith.core.annotations import Annotation, Labelling
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


class Comparison(NamedTuple):
    """An answer beside the known answer.

    Attributes:
        pairs: Every object of either, those of the known answer first, in its order.
        wrong_questions: Questions that are answered differently.
        right_questions: Questions that are answered alike.
    """

    pairs: tuple[Pair, ...]
    wrong_questions: tuple[str, ...]
    right_questions: tuple[str, ...]

    @property
    def right(self) -> int:
        """Objects and questions that are right; an item without any counts as one when nothing was marked."""
        if not self.pairs and not self.wrong_questions and not self.right_questions:
            return 1
        return self._count(FindingKind.RIGHT) + len(self.right_questions)

    @property
    def wrong(self) -> int:
        """Objects of the answer, and questions, that are not right."""
        wrong = (FindingKind.CLASS, FindingKind.SHAPE, FindingKind.EXTRA)
        return self._count(*wrong) + len(self.wrong_questions)

    @property
    def missed(self) -> int:
        """Objects of the known answer that nothing in the answer stands for."""
        return self._count(FindingKind.MISSED)

    @property
    def total(self) -> int:
        """All decisions that were compared."""
        return self.right + self.wrong + self.missed

    def _count(self, *kinds: FindingKind) -> int:
        return sum(pair.kind in kinds for pair in self.pairs)


def compare(given: Labelling, known: Labelling) -> Comparison:
    """Compare one answer; see ``compare_all``."""
    return compare_all([(given, known)])[0]


def compare_all(answers: Sequence[tuple[Labelling, Labelling]]) -> list[Comparison]:
    """Compare answers with known answers, in order.

    Objects are matched one-to-one, those of the same class and place first, then those of another class at the same
    place, then loose shapes; the most similar first.

    Args:
        answers: (answer, known answer) of any number of items.
    """
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
        _comparison(answers[number], objects[2 * number], objects[2 * number + 1], partner, of_mark)
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
    return Comparison(tuple(pairs), wrong, right)


def findings_of(
    comparison: Comparison, *, class_names: Mapping[str, str], question_names: Mapping[str, str]
) -> list[Finding]:
    """Return what is told of a comparison.

    Args:
        comparison: The answer beside the known answer.
        class_names: By class id.
        question_names: By question id.
    """

    def name(annotation: Annotation | None) -> str:
        return "" if annotation is None else class_names.get(annotation.class_id, annotation.class_id)

    findings = [
        Finding(
            kind=pair.kind,
            annotation_id=None if pair.given is None else pair.given.annotation_id,
            known_annotation_id=None if pair.known is None else pair.known.annotation_id,
            sentence=_SENTENCES[pair.kind].format(given=name(pair.given), known=name(pair.known)),
        )
        for pair in comparison.pairs
    ]
    findings += [
        Finding(
            kind=FindingKind.ANSWER,
            annotation_id=None,
            known_annotation_id=None,
            sentence=f"{question_names.get(question, question)}: another answer is right.",
        )
        for question in comparison.wrong_questions
    ]
    return findings


_SENTENCES: Final = {
    FindingKind.RIGHT: "{known}: right.",
    FindingKind.CLASS: "This is {known}, not {given}.",
    FindingKind.SHAPE: "{known}: the outline does not fit well enough.",
    FindingKind.EXTRA: "{given}: nothing of the kind is here.",
    FindingKind.MISSED: "{known}: missed.",
}
