"""Two labellings of the same items, side by side."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from goldsmith.core.annotations import Labelling
from goldsmith.core.model import Model


class SideKind(StrEnum):
    """Whose labels are compared."""

    MEMBER = "member"
    CONSENSUS = "consensus"
    GOLD = "gold"
    PREDICTION = "prediction"


class ComparedSide(NamedTuple):
    """One side; ``member_id`` only of a member."""

    kind: SideKind
    member_id: str | None = None


class ComparedTask(Model):
    """An item that both sides labelled.

    Attributes:
        width: Of the upright image in pixels; likewise ``height``.
    """

    task_id: str
    item_id: str
    name: str
    width: int
    height: int
    left: Labelling
    right: Labelling


class ComparedPage(Model):
    """Items that both sides labelled, in the order of their tasks."""

    items: list[ComparedTask]
    next_cursor: str | None
