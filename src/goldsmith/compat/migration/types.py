"""The words of moving house."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from goldsmith.core.model import Model

Document = dict[str, Any]
"""A project, batch or task as the other place tells it."""
Kind = Literal["project", "batch", "task", "file"]
Outcome = Literal["moved", "left"]


class Plan(NamedTuple):
    """What is moved where.

    Attributes:
        workspace_id: Into which workspace.
        actor: The member in whose name it is done.
        source: The other place's address, as the journal knows it.
        prefix: Put before the names of projects here, so that they do not meet others.
    """

    workspace_id: str
    actor: str
    source: str
    prefix: str = ""

    @property
    def journal_key(self) -> str:
        """Under which the journal keeps this move: with another prefix it is another one."""
        return f"{self.source} {self.prefix}"


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
    """

    source: str
    tallies: dict[str, Tally]
    left: list[Left]
    different: list[Left]
    never_asked: list[str]

    @property
    def is_whole(self) -> bool:
        """Whether all that is there is here, and the same."""
        return not self.left and not self.different and all(t.there == t.here for t in self.tallies.values())
