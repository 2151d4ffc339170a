"""What was computed lately, up to a cap in bytes and in number."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Memory(Generic[V]):
    """Keeps the values used last; thread-safe.

    Args:
        most_bytes: Cap on the sum of sizes, where they are told; a single value above it is not kept.
        most_values: Cap on their number.
    """

    def __init__(self, *, most_bytes: int = sys.maxsize, most_values: int = 10_000) -> None:
        self._most_bytes = most_bytes
        self._most_values = most_values
        self._values: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def size_bytes(self) -> int:
        """Sum of the sizes of what is kept."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable) -> V | None:
        """Return a value, or None; it counts as used."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: V, *, size_bytes: int = 0) -> None:
        """Keep a value; what was used longest ago makes room."""
        with self._lock:
            before = self._values.pop(key, None)
            self._bytes -= before[1] if before else 0
            if size_bytes > self._most_bytes:
                return
            self._values[key] = (value, size_bytes)
            self._bytes += size_bytes
            while self._bytes > self._most_bytes or len(self._values) > self._most_values:
                _, (_, freed) = self._values.popitem(last=False)
                self._bytes -= freed
