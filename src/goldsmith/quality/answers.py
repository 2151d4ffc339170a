"""Answers to questions about a whole item: how likely each is right, by what is known of who gave them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from goldsmith.core.annotations import AttributeValue, Labelling
from goldsmith.core.ontology import Attribute, AttributeKind, Ontology
from goldsmith.quality.types import DECIDER, ResolvedTask, Vote
from goldsmith.science.arrays import FloatArray
from goldsmith.science.skill import SkillEvidence, label_evidence
from goldsmith.science.stopping import sure_of
from goldsmith.science.votes import Votes, auto, blended

_SEED: Final = 20_240_602
_DECIDER_RIGHT: Final = 0.97
_MOST_CELLS: Final = 50_000
"""Larger tables of who takes what for what are kept as one number a member."""
_LEAST: Final = 1e-4
_USUAL_RIGHT: Final = 0.8
"""Of people of whom nothing is known."""
_DIGITS: Final = 4


class AnswerSkill(NamedTuple):
    """How people answer one question.

    Attributes:
        options: The answers there are, as JSON text.
        members: Index of each member.
        confusion: ``[members, options, options]`` probability of each answer (last) given the truth.
        prior: ``[options]``.
    """

    options: list[str]
    members: dict[str, int]
    confusion: FloatArray
    prior: FloatArray


class LearntAnswers(NamedTuple):
    """What all answers together tell.

    Attributes:
        skills: By question; those that fewer than two people answered are absent.
        evidence: ``[members, options of all questions]`` right and compared answers of all who voted, by id.
        confidence: ``[answers]`` how likely the answer of each task to each question is right.
    """

    skills: dict[str, AnswerSkill]
    evidence: SkillEvidence
    confidence: FloatArray


def are_all(ontology: Ontology) -> bool:
    """Say whether answers with options are all that a project asks for: each task is then votes on labels."""
    return not ontology.classes and 0 < len(ontology.questions) == len(options_of(ontology.questions))


def largest(ontology: Ontology) -> Attribute | None:
    """Return the question with the most answers, where such questions are all that is asked; None elsewhere."""
    if not are_all(ontology):
        return None
    return max(ontology.questions, key=lambda question: len(options_of([question])[question.attribute_id]))


def right_shares(skill: AnswerSkill) -> list[float]:
    """Return how often each of ``members`` answers rightly."""
    shares: list[float] = np.einsum("mkk,k->m", skill.confusion, skill.prior).tolist()
    return shares


def options_of(questions: Sequence[Attribute]) -> dict[str, list[str]]:
    """Return the possible answers (JSON text) of the questions that have one of several, by question."""
    found: dict[str, list[str]] = {}
    for question in questions:
        if question.kind is AttributeKind.BOOLEAN:
            found[question.attribute_id] = [json.dumps(value) for value in (False, True)]
        elif question.kind is AttributeKind.CHOICE:
            found[question.attribute_id] = [json.dumps(option.option_id) for option in question.options]
    return found


def learn_answers(
    votes: Sequence[Vote], gold: Mapping[str, Labelling], *, options: Mapping[str, Sequence[str]]
) -> LearntAnswers:
    """Learn how people answer each question that two of them were asked, and how often each is right.

    Args:
        votes: At most one a member and task.
        gold: Known answers by task.
        options: From ``options_of``.
    """
    everybody = {member: row for row, member in enumerate(sorted({vote.member_id for vote in votes}))}
    skills: dict[str, AnswerSkill] = {}
    told = [SkillEvidence.nothing(len(everybody))]
    sure = [np.zeros(0)]
    for question_id, names in options.items():
        number_of = {name: number for number, name in enumerate(names)}
        given = [
            (vote.task_id, vote.member_id, number_of[token])
            for vote in votes
            if (token := _token(vote.labelling, question_id)) in number_of
        ]
        members = {member: number for number, member in enumerate(sorted({entry[1] for entry in given}))}
        if len(members) < 2 or len(names) < 2:
            continue
        tasks = {task_id: number for number, task_id in enumerate(dict.fromkeys(entry[0] for entry in given))}
        known = np.full(len(tasks), -1, dtype=np.int64)
        for task_id, labelling in gold.items():
            token = _token(labelling, question_id)
            if task_id in tasks and token in number_of:
                known[tasks[task_id]] = number_of[token]
        table = Votes.of(
            [tasks[task_id] for task_id, _, _ in given],
            [members[member] for _, member, _ in given],
            [option for _, _, option in given],
            task_count=len(tasks),
            annotator_count=len(members),
            label_count=len(names),
        )
        fitted = auto(table, np.random.default_rng(_SEED), gold=known)
        skills[question_id] = AnswerSkill(list(names), members, fitted.confusion, fitted.class_prior)
        sure.append(np.where(known >= 0, 1.0, fitted.confidence))
        told.append(
            label_evidence(
                table.task,
                [everybody[member] for _, member, _ in given],
                table.label,
                posterior=fitted.posterior,
                annotator_count=len(everybody),
                gold=known,
            )
        )
    return LearntAnswers(skills, SkillEvidence.side_by_side(told), np.concatenate(sure))


def as_json(skills: Mapping[str, AnswerSkill]) -> dict[str, Any]:
    """Return what is learnt as JSON values."""
    return {
        question_id: {
            "options": skill.options,
            "members": list(skill.members),
            "prior": np.round(skill.prior, _DIGITS).tolist(),
            **_confusion_as_json(skill),
        }
        for question_id, skill in skills.items()
    }


def from_json(stored: Mapping[str, Any]) -> dict[str, AnswerSkill]:
    """Read what ``as_json`` gave."""
    found = {}
    for question_id, entry in stored.items():
        size = len(entry["options"])
        confusion = (
            np.asarray(entry["confusion"], dtype=np.float64)
            if "confusion" in entry
            else np.stack([_one_coin(right, size) for right in entry["accuracy"]])
        )
        members = {member: number for number, member in enumerate(entry["members"])}
        found[question_id] = AnswerSkill(entry["options"], members, confusion, np.asarray(entry["prior"]))
    return found


def with_usual(
    skills: Mapping[str, AnswerSkill], options: Mapping[str, Sequence[str]]
) -> dict[str, AnswerSkill]:
    """Return the skill for each question: as learnt, and as is usual for questions and options that are new.

    Args:
        skills: From ``learn_answers``.
        options: Of all questions, from ``options_of``.
    """
    found = dict(skills)
    for question_id, names in options.items():
        known = skills.get(question_id) or AnswerSkill([], {}, np.zeros((1, 0, 0)), np.zeros(0))
        fresh = [name for name in names if name not in known.options]
        if fresh:
            found[question_id] = _widened(known, fresh)
    return found


def _widened(skill: AnswerSkill, fresh: Sequence[str]) -> AnswerSkill:
    before, size = len(skill.options), len(skill.options) + len(fresh)
    confusion = np.repeat(_one_coin(_USUAL_RIGHT, size)[None], len(skill.confusion), axis=0)
    kept = 1.0 - confusion[:, :before, before:].sum(axis=2, keepdims=True)
    confusion[:, :before, :before] = skill.confusion * kept
    prior = np.concatenate([skill.prior * before, np.ones(len(fresh))]) / size
    return AnswerSkill([*skill.options, *fresh], skill.members, confusion, prior)


def with_posteriors(
    resolved: ResolvedTask, votes: Sequence[Vote], skills: Mapping[str, AnswerSkill]
) -> ResolvedTask:
    """Return a resolved task whose answers are the most likely ones, with how likely each is.

    Args:
        resolved: As decided by weighted votes, which stand for questions without a skill.
        votes: Of that task.
        skills: From ``with_usual``.
    """
    answers: dict[str, AttributeValue] = dict(resolved.labelling.answers)
    posteriors: dict[str, dict[str, float]] = {}
    certain: dict[str, float] = {}
    for question_id, skill in skills.items():
        given = [(vote.member_id, _token(vote.labelling, question_id)) for vote in votes]
        tokens = [(member, token) for member, token in given if token is not None]
        if not tokens or any(token not in skill.options for _, token in tokens):
            continue
        bare, counts = _posterior(skill, tokens)
        posterior = blended(bare, counts)[0]
        certain[question_id] = float(sure_of(bare, counts)[0])
        best = int(posterior.argmax())
        answers[question_id] = json.loads(skill.options[best])
        posteriors[question_id] = {
            json.loads(name) if name.startswith('"') else name: round(float(share), 6)
            for name, share in zip(skill.options, posterior, strict=True)
            if share >= _LEAST
        }
    if not posteriors:
        return resolved
    labelling = Labelling(annotations=list(resolved.labelling.annotations), answers=answers)
    return resolved._replace(labelling=labelling, answers={**resolved.answers, **posteriors}, certain=certain)


def _posterior(skill: AnswerSkill, tokens: Sequence[tuple[str, str]]) -> tuple[FloatArray, FloatArray]:
    """Bare posterior and counted votes of one task, ``[1, options]`` each."""
    size = len(skill.options)
    usual = skill.confusion.mean(axis=0)
    logs = np.log(np.maximum(skill.prior, _LEAST))
    counts = np.zeros(size)
    for member, token in tokens:
        option = skill.options.index(token)
        row = skill.members.get(member)
        matrix = _one_coin(_DECIDER_RIGHT, size) if member == DECIDER else usual
        matrix = matrix if row is None else skill.confusion[row]
        logs = logs + np.log(np.maximum(matrix[:, option], _LEAST))
        counts[option] += 1.0
    shares = np.exp(logs - logs.max())
    return np.asarray(shares / shares.sum())[None], counts[None]


def _token(labelling: Any, question_id: str) -> str | None:
    value = labelling.answers.get(question_id)
    return json.dumps(value) if isinstance(value, str | bool) else None


def _one_coin(right: float, size: int) -> FloatArray:
    matrix = np.full((size, size), (1.0 - right) / max(size - 1, 1))
    np.fill_diagonal(matrix, right)
    return matrix


def _confusion_as_json(skill: AnswerSkill) -> dict[str, Any]:
    if skill.confusion.size <= _MOST_CELLS:
        return {"confusion": np.round(skill.confusion, _DIGITS).tolist()}
    return {"accuracy": np.round(right_shares(skill), _DIGITS).tolist()}
