"""What lineage answers."""

from __future__ import annotations

from typing import Any, Literal

from goldsmith.core.model import Model

Direction = Literal["up", "down"]


class Node(Model):
    """One thing on the way.

    Attributes:
        name: What people call it.
        detail: Facts that belong to this walk, such as how many of a member's submissions are behind a version.
    """

    kind: str
    id: str
    name: str
    at_ms: int | None = None
    detail: dict[str, Any] = {}


class Step(Model):
    """All things of one kind that were reached.

    Attributes:
        count: How many there are; ``nodes`` holds at most the first two hundred.
        why: How they hang together with the step before.
    """

    kind: str
    why: str
    count: int
    nodes: list[Node]


class Report(Model):
    """Where something came from (``up``), or what came of it (``down``).

    Lineage is set membership: it tells what was at hand, not what made the difference.
    """

    subject: Node
    direction: Direction
    steps: list[Step]
