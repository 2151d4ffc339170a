"""Templates of skeletons, for formats that know the names of nodes but not where they go."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final

from goldsmith.core.ontology import SkeletonTemplate, TemplateNode

_RADIUS: Final = 0.45
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]")
_SIDES: Final = {"left": "right", "right": "left", "l": "r", "r": "l"}


def spread_template(names: Sequence[str], *, edges: Iterable[tuple[int, int]]) -> SkeletonTemplate:
    """Return a template of named nodes on a circle; ids are the names, made unique.

    Args:
        names: Of the nodes, in their order.
        edges: Pairs of places in ``names``; pairs that do not hold are left out.

    Raises:
        pydantic.ValidationError: There are no nodes, or too many.
    """
    ids = unique_ids(names)
    return SkeletonTemplate(nodes=_spread(ids), edges=_usable(edges, ids))


def template_of_ids(node_ids: Sequence[str]) -> SkeletonTemplate:
    """Return a template of nodes of which only the ids are known: on a circle, without edges."""
    return SkeletonTemplate(nodes=_spread(node_ids))


def _spread(ids: Sequence[str]) -> list[TemplateNode]:
    return [
        TemplateNode(node_id=node_id, name=node_id, at=_on_circle(number, len(ids)))
        for number, node_id in enumerate(ids)
    ]


def unique_ids(names: Sequence[str]) -> list[str]:
    """Return names as ids: cut to what an id may be, each once."""
    ids: list[str] = []
    taken: set[str] = set()
    for number, name in enumerate(names, start=1):
        wanted = name.strip()[:190] or f"node-{number}"
        candidate, copy = wanted, 1
        while candidate in taken:
            copy += 1
            candidate = f"{wanted}-{copy}"
        taken.add(candidate)
        ids.append(candidate)
    return ids


def mirrored_order(names: Sequence[str]) -> list[int] | None:
    """Return for each node the place of the node that it becomes in a mirror, from words for left and right.

    None where no name says a side, or one that does has no partner.
    """
    places = {_words(name): number for number, name in enumerate(names)}
    order = []
    for number, name in enumerate(names):
        words = _words(name)
        swapped = tuple(_SIDES.get(word, word) for word in words)
        if swapped == words:
            order.append(number)
            continue
        partner = places.get(swapped)
        if partner is None:
            return None
        order.append(partner)
    return order if len(places) == len(names) and order != list(range(len(names))) else None


def _words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name))


def _on_circle(number: int, count: int) -> tuple[float, float]:
    angle = 2 * math.pi * number / max(count, 1)
    return round(0.5 + _RADIUS * math.sin(angle), 4), round(0.5 - _RADIUS * math.cos(angle), 4)


def _usable(edges: Iterable[tuple[int, int]], ids: Sequence[str]) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    taken: set[frozenset[int]] = set()
    for one, other in edges:
        pair = frozenset((one, other))
        if len(pair) == 2 and pair not in taken and all(0 <= place < len(ids) for place in pair):
            taken.add(pair)
            kept.append((ids[one], ids[other]))
    return kept
