"""Which items belong together in a split: the same given group, or nearly the same picture."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from goldsmith.datasets.types import SplitPolicy

HASH_BITS = 64
_SPLIT_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")


class _Forest:
    """Union-find over item indices."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def root(self, node: int) -> int:
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node

    def join(self, left: int, right: int) -> None:
        left, right = self.root(left), self.root(right)
        if left != right:
            self._parent[max(left, right)] = min(left, right)


def near_pairs(hashes: npt.NDArray[np.uint64], *, distance: int) -> npt.NDArray[np.int64]:
    """Find all pairs of distinct hashes at most ``distance`` bits apart.

    Two such hashes agree in at least one of ``distance + 1`` pieces of their bits (pigeonhole), so only hashes that
    share a piece are compared.

    Args:
        hashes: Distinct 64-bit values, shape [n].
        distance: Largest number of differing bits.

    Returns:
        Index pairs, shape [m, 2], first < second.
    """
    pieces = distance + 1
    bounds = np.linspace(0, HASH_BITS, pieces + 1).astype(int)
    found: list[npt.NDArray[np.int64]] = []
    for low, high in itertools.pairwise(bounds):
        mask = np.uint64((1 << int(high - low)) - 1)
        keys = (hashes >> np.uint64(low)) & mask
        order = np.argsort(keys, kind="stable")
        edges = np.flatnonzero(np.diff(keys[order])) + 1
        for bucket in np.split(order, edges):
            if bucket.size > 1:
                found.extend(_close_within(hashes, bucket, distance))
    if not found:
        return np.empty((0, 2), dtype=np.int64)
    return np.unique(np.concatenate(found), axis=0)


def _close_within(
    hashes: npt.NDArray[np.uint64], bucket: npt.NDArray[np.int64], distance: int
) -> list[npt.NDArray[np.int64]]:
    pairs = []
    values = hashes[bucket]
    for start in range(bucket.size - 1):
        differing = np.bitwise_count(values[start + 1 :] ^ values[start])
        close = np.flatnonzero(differing <= distance)
        if close.size:
            others = bucket[start + 1 + close]
            first = np.full(others.size, bucket[start])
            pairs.append(np.stack([np.minimum(first, others), np.maximum(first, others)], axis=1))
    return pairs


def group_items(
    group_keys: Sequence[str],
    hashes: Sequence[int | None],
    contents: Sequence[str],
    *,
    duplicate_distance: int,
) -> list[int]:
    """Number the groups of items that a split must keep together.

    Args:
        group_keys: The given group of each item; empty for none.
        hashes: 64-bit perceptual hash of each item (signed or unsigned), None when it has none.
        contents: sha256 of each item; equal bytes belong together.
        duplicate_distance: See ``near_pairs``.

    Returns:
        For each item the index of the first item of its group.
    """
    forest = _Forest(len(group_keys))
    for values in (group_keys, contents):
        seen: dict[str, int] = {}
        for index, value in enumerate(values):
            if value:
                forest.join(seen.setdefault(value, index), index)
    first_with: dict[int, int] = {}
    for index, picture in enumerate(hashes):
        if picture is not None:
            forest.join(first_with.setdefault(picture & (2**64 - 1), index), index)
    distinct = np.fromiter(first_with.keys(), dtype=np.uint64, count=len(first_with))
    owners = list(first_with.values())
    for left, right in near_pairs(distinct, distance=duplicate_distance):
        forest.join(owners[int(left)], owners[int(right)])
    return [forest.root(index) for index in range(len(group_keys))]


def assign_splits(
    groups: Sequence[int], contents: Sequence[str], metadata_values: Sequence[str], *, policy: SplitPolicy
) -> list[str]:
    """Give each item its split.

    Args:
        groups: Group of each item, from ``group_items``.
        contents: sha256 of each item; a group is known by its smallest.
        metadata_values: The item's own value under the policy's key; only read in mode ``metadata``.
        policy: How to split.

    Returns:
        The name of each item's split; all items of a group get the same.
    """
    if policy.mode == "fixed":
        return [policy.fixed_split] * len(groups)
    names: dict[int, str] = {}
    for index, group in enumerate(groups):
        names[group] = min(names.get(group, contents[index]), contents[index])
    if policy.mode == "metadata":
        chosen = _majority(groups, metadata_values)
        return [_split_name(chosen[group]) or policy.fixed_split for group in groups]
    draws = {group: _draw(policy.seed, name) for group, name in names.items()}
    split_of = {group: _split_at(draw, policy.fractions) for group, draw in draws.items()}
    _fill_empty_splits(split_of, draws, policy.fractions)
    return [split_of[group] for group in groups]


def _split_name(value: str) -> str:
    """Return the split that a value names; nothing where it cannot be a name, which becomes a folder of exports."""
    name = value.strip().lower()
    return name if _SPLIT_NAME.fullmatch(name) else ""


def _majority(groups: Sequence[int], values: Sequence[str]) -> dict[int, str]:
    counts: dict[int, dict[str, int]] = {}
    for group, value in zip(groups, values, strict=True):
        counts.setdefault(group, {})[value] = counts.setdefault(group, {}).get(value, 0) + 1
    return {group: max(sorted(votes), key=lambda value: votes[value]) for group, votes in counts.items()}


def _draw(seed: int, name: str) -> float:
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _split_at(draw: float, fractions: Mapping[str, float]) -> str:
    reached = 0.0
    for name, fraction in fractions.items():
        reached += fraction
        if draw < reached:
            return name
    return list(fractions)[-1]


def _fill_empty_splits(
    split_of: dict[int, str], draws: Mapping[int, float], fractions: Mapping[str, float]
) -> None:
    """With few groups chance may leave a wanted split empty; give it the group with the largest draw to spare."""
    for name, fraction in fractions.items():
        if fraction == 0.0 or name in split_of.values():
            continue
        counts = {other: sum(1 for split in split_of.values() if split == other) for other in fractions}
        spare = [group for group, split in split_of.items() if counts[split] > 1]
        if spare:
            split_of[max(spare, key=lambda group: draws[group])] = name
