"""Runs the lines of a kept edit log, written anew from what they mean: the second opinion on what a draft holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

Entry = dict[str, Any]
"""``annotation`` and ``z``."""


def patched(before: Any, patch: dict[str, Any]) -> Any:
    """Return a JSON value after a patch: ``v`` another value, ``o`` fields, ``s`` a splice, ``a`` elements in place."""
    if "v" in patch:
        return patch["v"]
    if "o" in patch:
        kept = {key: value for key, value in before.items() if key not in patch.get("x", ())}
        return kept | {key: patched(before.get(key), part) for key, part in patch["o"].items()}
    if "s" in patch:
        start, count, *items = patch["s"]
        return [*before[:start], *items, *before[start + count :]]
    start, *parts = patch["a"]
    changed = list(before)
    for number, part in enumerate(parts):
        if part is not None:
            changed[start + number] = patched(changed[start + number], part)
    return changed


class Replay:
    """A document as its log leaves it.

    Attributes:
        entries: By annotation id.
        undo_count: How many steps can be undone.
        redo_count: How many steps can be made again.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        first = json.loads(lines[0])
        places = first.get("z") or range(len(first["base"]["annotations"]))
        self.entries: dict[str, Entry] = {
            annotation["annotation_id"]: {"annotation": annotation, "z": z}
            for annotation, z in zip(first["base"]["annotations"], places, strict=True)
        }
        self._steps: dict[int, list[tuple[str, Entry | None, Entry | None]]] = {}
        self._done: list[int] = []
        self._undone: list[int] = []
        for number, line in enumerate(lines[1:]):
            self._run(number, json.loads(line))

    @property
    def undo_count(self) -> int:
        """How many steps can be undone."""
        return len(self._done)

    @property
    def redo_count(self) -> int:
        """How many steps can be made again."""
        return len(self._undone)

    def annotations(self) -> list[dict[str, Any]]:
        """Return the objects in the order of the stack."""
        ordered = sorted(self.entries.items(), key=lambda pair: (pair[1]["z"], pair[0]))
        return [entry["annotation"] for _, entry in ordered]

    def _run(self, number: int, line: dict[str, Any]) -> None:
        if "do" in line:
            step = [self._changed(kept) for kept in line["do"]["entries"]]
            self._steps[number] = step
            self._done.append(number)
            self._undone.clear()
            self._put([(key, after) for key, _, after in step])
        elif "undo" in line:
            assert self._done.pop() == line["undo"]
            self._undone.append(line["undo"])
            self._put([(key, before) for key, before, _ in self._steps[line["undo"]]])
        else:
            assert self._undone.pop() == line["redo"]
            self._done.append(line["redo"])
            self._put([(key, after) for key, _, after in self._steps[line["redo"]]])

    def _changed(self, kept: dict[str, Any]) -> tuple[str, Entry | None, Entry | None]:
        before = self.entries.get(kept["id"])
        if "a" in kept:
            return kept["id"], before, {"annotation": kept["a"], "z": kept["z"]}
        return kept["id"], before, patched(before, kept["p"]) if "p" in kept else None

    def _put(self, entries: Sequence[tuple[str, Entry | None]]) -> None:
        for key, entry in entries:
            if entry is None:
                self.entries.pop(key, None)
            else:
                self.entries[key] = entry
