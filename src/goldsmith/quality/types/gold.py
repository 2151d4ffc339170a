"""What crosses the wire of gold upkeep."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import Field

from goldsmith.core.model import Model
from goldsmith.quality.types.report import GoldScore


class GoldTask(Model):
    """A hidden known answer, and how it fares.

    Attributes:
        uses: Answers to it.
        right: Decisions of all answers that agree with the known one, of ``total``; as the signals job last saw it.
        by_skilled: The same of good people only: those whose other work is right.
        is_doubtful: Good people fail it, so that the known answer may be wrong; it is not counted against anybody
            until somebody looked at it. ``doubt`` says why.
        is_leaked: Answers became suddenly right or fast, so that the answer may have got about; it is not counted
            for anybody until somebody looked at it. ``leak`` says why.
        is_retired: Not handed out any more; its answer stays in force.
    """

    task_id: str
    item_id: str
    item_name: str
    uses: int
    right: int
    total: int
    by_skilled: GoldScore
    is_doubtful: bool
    doubt: str | None
    is_leaked: bool
    leak: str | None
    is_retired: bool


class GoldList(Model):
    """The gold of a project: what needs a look first, then the least used."""

    gold: list[GoldTask]


class MakeGoldBody(Model):
    """Tasks whose reviewed labels become known answers."""

    task_ids: Annotated[list[str], Field(min_length=1, max_length=1000)]


class MadeGold(Model):
    """Which tasks became gold; those that were not reviewed, or are gold already, did not."""

    made: list[str]
    left: list[str]


class GoldNote(NamedTuple):
    """How a gold task fares, as it is stored.

    Attributes:
        doubt: A sentence; None for none. Likewise ``leak``.
        settled_ms: When a manager looked at it last; answers before that raise no doubt again.
    """

    task_id: str
    right: int = 0
    total: int = 0
    skilled_right: int = 0
    skilled_total: int = 0
    doubt: str | None = None
    leak: str | None = None
    settled_ms: int | None = None
