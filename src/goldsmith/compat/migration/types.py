"""The words of moving house."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, Protocol

from goldsmith.core.model import Model
from goldsmith.platform.database import Transaction

Document = dict[str, Any]
"""A project, batch, person, group or task as the other place tells it."""
TaskKind = Literal["task", "evaluation", "training"]
"""Tasks whose answer is asked for, known and hidden, or shown as a lesson."""
Kind = Literal["project", "batch", "person", "group", "task", "evaluation", "training", "file"]
Outcome = Literal["moved", "left"]


class Plan(NamedTuple):
    """What is moved where.

    Attributes:
        workspace_id: Into which workspace.
        actor: The member in whose name it is done.
        source: The other place's address, as the journal knows it.
        prefix: Put before the names of projects here, so that they do not meet others.
        quality_task_ids: Evaluation and training tasks, which no client can list at Scale.
    """

    workspace_id: str
    actor: str
    source: str
    prefix: str = ""
    quality_task_ids: tuple[str, ...] = ()

    @property
    def journal_key(self) -> str:
        """Under which the journal keeps this move: with another prefix it is another one."""
        return f"{self.source} {self.prefix}"


class House(Protocol):
    """What moving asks of the installation that is moved into."""

    def keep_file(self, address: str, content: bytes) -> str:
        """Keep the bytes of a file and return their sha256; keeping them twice is keeping them once."""
        ...

    def put_project(self, tx: Transaction, plan: Plan, document: Document) -> str:
        """Make a project with the history of its parameters and return its id."""
        ...

    def put_batch(self, tx: Transaction, plan: Plan, document: Document) -> str:
        """Make a batch and return its id."""
        ...

    def put_person(self, tx: Transaction, plan: Plan, document: Document) -> str:
        """Assign a member to projects, or invite whoever is none, and return the address."""
        ...

    def put_group(self, tx: Transaction, plan: Plan, document: Document) -> str:
        """Make a group of people, or bring it up to date, and return its id."""
        ...

    def invitations(self) -> Mapping[str, str]:
        """Return the links that bring in whoever was invited in this run, by e-mail address."""
        ...

    def prepare_task(
        self, plan: Plan, document: Document, files: Mapping[str, str]
    ) -> Callable[[Transaction], str]:
        """Read what a task says and return what makes it and returns its id, or brings the one that is here up to date.

        Args:
            plan: What is moved where.
            document: The task.
            files: The sha256 of each of its files, by address.
        """
        ...

    def file_addresses(self, document: Document) -> dict[str, str]:
        """Return where the bytes of each file of a task can be had, by the address that the task names."""
        ...

    def body(self, plan: Plan, kind: Kind, theirs: str, ours: str) -> Document | None:
        """Return a thing as this installation tells it now; None when it is gone."""
        ...


class Left(Model):
    """Something that did not come over.

    Attributes:
        name: Its name or id at the other place.
        reason: Why, and what to do about it.
    """

    kind: Kind
    name: str
    reason: str


class Tally(Model):
    """How much of a kind there is, at the other place and here.

    Attributes:
        there: At the other place, by its own count.
        here: Moved, in this run or in one before.
        left: Not moved, each with its reason.
        equal: Read again at both ends at the end, and the same by their hashes.
        different: Read again, and not the same.
    """

    there: int = 0
    here: int = 0
    left: int = 0
    equal: int = 0
    different: int = 0


class Report(Model):
    """What came of moving house.

    Attributes:
        tallies: By kind.
        left: What did not come over, the first thousand.
        different: What differs between the ends although it was moved, the first hundred, with the fields that do.
        never_asked: What the other place does not tell any client, so that nobody can move it.
        invitations: By e-mail address of whoever was invited in this run: the link that brings them in, once.
    """

    source: str
    tallies: dict[str, Tally]
    left: list[Left]
    different: list[Left]
    never_asked: list[str]
    invitations: dict[str, str] = {}

    @property
    def is_whole(self) -> bool:
        """Whether all that is there is here, and the same."""
        return not self.left and not self.different and all(t.there == t.here for t in self.tallies.values())
