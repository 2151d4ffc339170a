"""What a lead answered for many items at once, among what people answered: it goes first. Pure."""

from __future__ import annotations

import msgspec

from goldsmith.core.annotations import AttributeValue, Labelling
from goldsmith.core.plain import AnyLabelling
from goldsmith.labeling.api import Answered, SaidAnswers
from goldsmith.quality.types import ConsensusView, ResolvedTask


def with_said(resolved: ResolvedTask, said: SaidAnswers | None) -> ResolvedTask:
    """Return a resolved task with a lead's answers in place of people's."""
    if said is None:
        return resolved
    answers = {**resolved.labelling.answers, **said.answers}
    return resolved._replace(
        labelling=_with_answers(resolved.labelling, answers),
        answers={key: value for key, value in resolved.answers.items() if key not in said.answers},
        certain={key: sure for key, sure in resolved.certain.items() if key not in said.answers},
        submission_ids=sorted({*resolved.submission_ids, *said.submission_ids}),
    )


def answered_task(view: ConsensusView, entry: Answered) -> ResolvedTask:
    """Return what a task says once a lead answered: the objects as they are, with other answers."""
    answers = {**view.labelling.answers, **entry.answers}
    given = {question_id: answer for question_id, answer in answers.items() if answer is not None}
    behind = {*view.submission_ids, *([entry.submission_id] if entry.submission_id else [])}
    return ResolvedTask(view.task_id, _with_answers(view.labelling, given), view.support, sorted(behind))


def _with_answers(labelling: AnyLabelling, answers: dict[str, AttributeValue]) -> AnyLabelling:
    if isinstance(labelling, Labelling):
        return labelling.model_copy(update={"answers": answers})
    return msgspec.structs.replace(labelling, answers=answers)
