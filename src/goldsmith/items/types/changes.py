"""What may be done to many items at once, and what that asks of the step above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple, Protocol

from pydantic import Field

from goldsmith.core.annotations import AttributeValue, Key
from goldsmith.core.model import Model
from goldsmith.platform.database import Transaction

MAX_CHOSEN: Final = 10_000
"""Tasks that may be named one by one; a filter takes any number."""
Priority = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
BatchId = Annotated[str, Field(max_length=40)]


class AnswerChange(Model):
    """Answer a question about the whole item for all of them, in the name of whoever asks for it.

    It is a submission of its own beside those of others, and goes before what they answered.

    Attributes:
        is_final: Whether the items are done with it: nobody is asked about them any more.
    """

    kind: Literal["answer"] = "answer"
    question_id: Key
    value: AttributeValue
    is_final: bool = False


class RequeueChange(Model):
    """Ask more people; what was submitted goes on counting.

    Attributes:
        extra_judgements: Opinions on top of those that are open or in.
        priority: Higher goes first; None leaves it.
        batch_id: The batch they move to; None leaves them in theirs.
    """

    kind: Literal["requeue"] = "requeue"
    extra_judgements: Annotated[int, Field(ge=0, le=50)] = 1
    priority: Priority | None = None
    batch_id: BatchId | None = None


class MoveChange(Model):
    """Move to another batch or priority; nobody is asked more than before. None leaves it."""

    kind: Literal["move"] = "move"
    priority: Priority | None = None
    batch_id: BatchId | None = None


class GoldChange(Model):
    """Make the labels in force hidden known answers; items without labels are left as they are."""

    kind: Literal["gold"] = "gold"


class DeleteChange(Model):
    """Delete the items, whatever the project: shown and handed out no more; what was labelled stays on record."""

    kind: Literal["delete"] = "delete"


class RestoreChange(Model):
    """Bring deleted items back, with the work that was under way."""

    kind: Literal["restore"] = "restore"


Change = Annotated[
    AnswerChange | RequeueChange | MoveChange | GoldChange | DeleteChange | RestoreChange,
    Field(discriminator="kind"),
]


class ChangeRequest(Model):
    """Something to be done to many items of a project.

    Attributes:
        task_ids: Which; those that are not there, or deleted, are passed over.
        filter: Or all that fit, in the words of the grid's address, such as ``state=done&class_id=car``.
    """

    change: Change
    task_ids: Annotated[list[str], Field(max_length=MAX_CHOSEN)] | None = None
    filter: Annotated[str, Field(max_length=20_000)] | None = None


class ChangeView(Model):
    """Something that was done to many items, and how far it came.

    Attributes:
        total: Items that were chosen.
        settled: Of those, how many are through, in the run under way or in the last.
        changed: Of those, how many are other than before.
        job_id: None when it was done at once.
        is_undoable: It can be taken back now.
    """

    change_id: str
    project_id: str
    change: Change
    total: int
    settled: int
    changed: int
    job_id: str | None
    created_by: str
    created_ms: int
    finished_ms: int | None
    undone_by: str | None
    undone_ms: int | None
    is_undoable: bool


class ChangeRow(NamedTuple):
    """A stored change."""

    change_id: str
    project_id: str
    change: Change
    total: int
    settled: int
    changed: int
    job_id: str | None
    created_by: str
    created_ms: int
    finished_ms: int | None
    undone_by: str | None
    undone_ms: int | None


class ChangeContext(NamedTuple):
    """Who changes, where, and under which name.

    Attributes:
        by: A member.
    """

    project_id: str
    change_id: str
    by: str


Before = Mapping[str, Any]
"""What stood before, by task, of those that were changed; JSON-able."""


class TaskHand(Protocol):
    """Changes many tasks at once; implemented by labelling, wired in by the composition root.

    Each is called with up to some hundred tasks of one project that are there, in one transaction; set-based.
    """

    def check_answer(self, tx: Transaction, *, project_id: str, change: AnswerChange) -> None:
        """Refuse an answer that does not fit the ontology with an InvalidInputError."""
        ...

    def answer_tasks(
        self, tx: Transaction, context: ChangeContext, *, task_ids: Sequence[str], change: AnswerChange
    ) -> Before:
        """Answer a question."""
        ...

    def take_answers_back(
        self, tx: Transaction, context: ChangeContext, *, change: AnswerChange, before: Before
    ) -> set[str]:
        """Undo ``answer_tasks`` where nobody answered anew since; returns for which tasks."""
        ...

    def requeue_tasks(
        self,
        tx: Transaction,
        context: ChangeContext,
        *,
        task_ids: Sequence[str],
        first: int,
        change: RequeueChange,
    ) -> Before:
        """Ask for more judgements; ``first`` is the place of the first of these tasks among all of the change."""
        ...

    def move_tasks(
        self, tx: Transaction, context: ChangeContext, *, task_ids: Sequence[str], change: MoveChange
    ) -> Before:
        """Move to another batch or priority."""
        ...

    def make_gold(self, tx: Transaction, context: ChangeContext, *, task_ids: Sequence[str]) -> Before:
        """Make the labels in force known answers."""
        ...
