"""Relations of several people made one: by the matched objects at their ends, each with how likely it holds. Pure.

A relation is seen or overlooked as an object is, but only by who marked both of its ends: who did not see an object
says nothing of what it is related to. So existence is judged by capture and recapture as that of objects is, given that
the objects at its ends are there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from goldsmith.core.annotations import MAX_KEY_LENGTH, Labelling, Relation
from goldsmith.core.ontology import RelationType
from goldsmith.quality.comparing import compare_all, undirected_types
from goldsmith.quality.deciding import LEAST_OF_DECIDED, rates_with_decider
from goldsmith.quality.evidence import Evidence
from goldsmith.quality.types import DECIDER, FindingKind
from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.consensus.existence import (
    ExistenceRates,
    Sightings,
    existence_posterior,
    fit_existence,
)
from goldsmith.science.skill import SkillEvidence
from goldsmith.science.votes import MOST_CERTAIN

_DIGITS: Final = 6


class RelationSkill(NamedTuple):
    """How people find relations.

    Attributes:
        types: Index of each relation type; one more index stands for those that are not known.
        rates: Of existence, by annotator and type.
    """

    types: dict[str, int]
    rates: ExistenceRates

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values; ``from_json`` reads them back."""
        return {
            "types": list(self.types),
            "detection": self.rates.detection.tolist(),
            "false_alarms": self.rates.false_alarms.tolist(),
            "objects": self.rates.objects.tolist(),
            "shared_error": self.rates.shared_error,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> RelationSkill:
        """Read what ``as_json`` gave."""
        rates = ExistenceRates(
            np.asarray(kept["detection"], dtype=np.float64),
            np.asarray(kept["false_alarms"], dtype=np.float64),
            np.asarray(kept["objects"], dtype=np.float64),
            float(kept["shared_error"]),
        )
        return cls({name: number for number, name in enumerate(kept["types"])}, rates)

    def with_decider(self) -> RelationSkill:
        """Add the decider, behind all who are known."""
        return self._replace(rates=rates_with_decider(self.rates))


class _Told(NamedTuple):
    """What some people say of two objects: that the one is related to the other."""

    image: int
    type_id: str
    ends: tuple[int, int]
    said: list[tuple[int, Relation]]
    """Vote and its relation."""


def learn_relations(
    evidence: Evidence,
    object_of_mark: IntArray,
    *,
    relation_types: Sequence[RelationType],
    annotator_count: int,
) -> RelationSkill | None:
    """Learn how people find relations; None where nobody says any.

    Args:
        evidence: All votes.
        object_of_mark: The object that each mark means.
        relation_types: Of the ontology.
        annotator_count: Number of annotators.
    """
    told = _told(evidence, object_of_mark, relation_types)
    if not told:
        return None
    types = {entry.relation_type_id: number for number, entry in enumerate(relation_types)}
    sightings = _sightings(told, evidence, object_of_mark, types=types, annotator_count=annotator_count)
    rates, _ = fit_existence(sightings, stratum_count=len(types) + 1)
    return RelationSkill(types, rates)


def relation_evidence(
    evidence: Evidence,
    object_of_mark: IntArray,
    *,
    skill: RelationSkill | None,
    gold: Mapping[str, Labelling],
    relation_types: Sequence[RelationType],
    annotator_count: int,
) -> SkillEvidence | None:
    """Return how well people relate objects that they see: every relation, like every object, is a decision.

    Tasks with gold are judged by gold; in others each relation that more than one person could see is judged by how
    likely it holds, as objects are in ``detection_evidence``.

    Args:
        evidence: All votes.
        object_of_mark: The object that each mark means.
        skill: From ``learn_relations``.
        gold: Known answers by task.
        relation_types: Of the ontology.
        annotator_count: Number of annotators.

    Returns:
        Evidence in one column; None where nobody says or knows any relation.
    """
    if skill is None and not any(labelling.relations for labelling in gold.values()):
        return None
    tables = [np.zeros((annotator_count, 1)) for _ in range(4)]
    _against_gold(tables[0], tables[1], evidence, gold, relation_types)
    if skill is not None:
        told = [
            entry
            for entry in _told(evidence, object_of_mark, relation_types)
            if evidence.task_ids[entry.image] not in gold
        ]
        if told:
            sightings = _sightings(
                told, evidence, object_of_mark, types=skill.types, annotator_count=annotator_count
            )
            _against_consensus(tables[2], tables[3], sightings, existence_posterior(sightings, skill.rates))
    return SkillEvidence(*tables)


def _against_gold(
    right: FloatArray,
    total: FloatArray,
    evidence: Evidence,
    gold: Mapping[str, Labelling],
    relation_types: Sequence[RelationType],
) -> None:
    judged = [number for number, vote in enumerate(evidence.votes) if vote.task_id in gold]
    votes = [evidence.votes[number] for number in judged]
    compared = compare_all(
        [(vote.labelling, gold[vote.task_id]) for vote in votes], relation_types=relation_types
    )
    for number, comparison in zip(judged, compared, strict=True):
        who = int(evidence.looks.annotator[number])
        total[who] += len(comparison.relations)
        right[who] += sum(pair.kind is FindingKind.RIGHT for pair in comparison.relations)


def _against_consensus(
    right: FloatArray, total: FloatArray, sightings: Sightings, posterior: FloatArray
) -> None:
    shared = sightings.informative[sightings.object_index]
    who, holds = sightings.annotator[shared], posterior[sightings.object_index[shared]]
    marked = sightings.marked[shared]
    np.add.at(total[:, 0], who, np.where(marked, 1.0, holds))
    np.add.at(right[:, 0], who[marked], holds[marked])


def resolve_relations(
    evidence: Evidence,
    object_of_mark: IntArray,
    *,
    skill: RelationSkill | None,
    annotation_ids: Mapping[int, str],
    relation_types: Sequence[RelationType],
) -> dict[int, list[Relation]]:
    """Resolve the relations of some tasks.

    Args:
        evidence: Their votes, of whom the decider is the first whom the skill does not know.
        object_of_mark: The object that each mark means.
        skill: From ``learn_relations``; without one, people are judged as is usual.
        annotation_ids: What the resolved objects are called.
        relation_types: Of the ontology; where a type has no direction, both directions say the same.

    Returns:
        By image, the relations that anybody sees, also improbable ones, with their posterior as score.
    """
    told = _told(evidence, object_of_mark, relation_types)
    if not told:
        return {}
    people = int(evidence.looks.annotator.max()) + 1
    if skill is None:
        skill = learn_relations(
            evidence, object_of_mark, relation_types=relation_types, annotator_count=people
        )
        assert skill is not None, "something is told"
    else:
        skill = skill.with_decider()
    sightings = _sightings(told, evidence, object_of_mark, types=skill.types, annotator_count=people)
    posterior = np.clip(existence_posterior(sightings, skill.rates), 1.0 - MOST_CERTAIN, MOST_CERTAIN)
    found: dict[int, list[Relation]] = defaultdict(list)
    for entry, share in zip(told, posterior.tolist(), strict=True):
        is_decided = any(evidence.votes[vote].member_id == DECIDER for vote, _ in entry.said)
        score = max(share, LEAST_OF_DECIDED) if is_decided else share
        found[entry.image].append(_resolved(entry, evidence, annotation_ids, round(score, _DIGITS)))
    return {image: sorted(entries, key=lambda entry: entry.relation_id) for image, entries in found.items()}


def _told(
    evidence: Evidence, object_of_mark: IntArray, relation_types: Sequence[RelationType]
) -> list[_Told]:
    undirected = undirected_types(relation_types)
    objects = {
        (vote, annotation.annotation_id): int(object_of_mark[mark])
        for mark, (vote, annotation) in enumerate(evidence.mark_of)
    }
    told: dict[tuple[str, int, int], _Told] = {}
    for number, vote in enumerate(evidence.votes):
        for relation in vote.labelling.relations:
            start, end = objects[number, relation.from_id], objects[number, relation.to_id]
            kind = relation.relation_type_id
            ends = (min(start, end), max(start, end)) if kind in undirected else (start, end)
            image = int(evidence.looks.image[number])
            told.setdefault((kind, *ends), _Told(image, kind, ends, [])).said.append((number, relation))
    return [told[key] for key in sorted(told)]


def _sightings(
    told: Sequence[_Told],
    evidence: Evidence,
    object_of_mark: IntArray,
    *,
    types: Mapping[str, int],
    annotator_count: int,
) -> Sightings:
    """Each relation with all who marked both of its ends."""
    seen_by: dict[int, set[int]] = defaultdict(set)
    for mark, (vote, _) in enumerate(evidence.mark_of):
        seen_by[int(object_of_mark[mark])].add(vote)
    who = evidence.looks.annotator
    rows = [
        (number, int(who[vote]), any(vote == other for other, _ in entry.said))
        for number, entry in enumerate(told)
        for vote in sorted(seen_by[entry.ends[0]] & seen_by[entry.ends[1]])
    ]
    onlookers = np.bincount([number for number, _, _ in rows], minlength=len(told))
    votes_of_image = np.bincount(evidence.looks.image)
    telling = votes_of_image[evidence.looks.image] > 1
    return Sightings(
        object_index=_column(number for number, _, _ in rows),
        annotator=_column(annotator for _, annotator, _ in rows),
        marked=np.array([is_marked for _, _, is_marked in rows], dtype=np.bool_),
        stratum=_column(types.get(entry.type_id, len(types)) for entry in told),
        known=np.full(len(told), -1, dtype=np.int64),
        informative=onlookers > 1,
        looked=np.bincount(who[telling], minlength=annotator_count).astype(np.float64),
        informative_images=int((votes_of_image > 1).sum()),
        all_looks=len(who),
    )


def _resolved(told: _Told, evidence: Evidence, annotation_ids: Mapping[int, str], score: float) -> Relation:
    first_vote, first = min(
        told.said, key=lambda pair: (evidence.votes[pair[0]].submission_id, pair[1].relation_id)
    )
    start, end = told.ends
    return Relation(
        # unique in the task, and the same again when the same relations are resolved again
        relation_id=f"{evidence.votes[first_vote].submission_id[-8:]}:{first.relation_id}"[:MAX_KEY_LENGTH],
        relation_type_id=told.type_id,
        from_id=annotation_ids[start],
        to_id=annotation_ids[end],
        score=score,
    )


def _column(values: Iterable[int]) -> IntArray:
    return np.array(list(values), dtype=np.int64)
