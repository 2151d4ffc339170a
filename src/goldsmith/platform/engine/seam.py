"""What an engine is, and the simplest one."""

from __future__ import annotations

import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

Input = TypeVar("Input")
Result = TypeVar("Result")
Initializer = Callable[[], object]


class Engine(ABC):
    """Runs a function over many inputs. The results do not depend on the engine. Thread-safe."""

    @abstractmethod
    def map(
        self,
        function: Callable[[Input], Result],
        inputs: Iterable[Input],
        *,
        initializer: Initializer | None = None,
        ordered: bool = True,
    ) -> Iterator[Result]:
        """Yield ``function(item)`` for each of ``inputs``, which are taken as results leave, in flat memory.

        An input should be worth some milliseconds of work: make it a chunk of small ones. What ``function`` raises is
        raised here; the results before it have been yielded. Ending early drops what has not begun.

        Args:
            function: A top-level function, or a ``functools.partial`` of one.
            inputs: Picklable values.
            initializer: As ``function``; run once in each process before its first item, such as loading a model.
            ordered: Yield in the order of the inputs; False yields as they finish.

        Raises:
            WorkerLostError: A process died; run it again.
        """

    @abstractmethod
    def close(self) -> None:
        """Release processes."""


class SerialEngine(Engine):
    """Everything in the calling thread; for tests and tiny work."""

    def map(
        self,
        function: Callable[[Input], Result],
        inputs: Iterable[Input],
        *,
        initializer: Initializer | None = None,
        ordered: bool = True,
    ) -> Iterator[Result]:
        """Yield ``function(item)`` for each of ``inputs``."""
        del ordered  # it always is
        if initializer is not None:
            initializer()
        for item in inputs:
            yield function(item)

    def close(self) -> None:
        """Do nothing."""


_initialized: set[bytes] = set()  # of this process: one lives as long as its worker process


def run_packed(packed: bytes, item: Any) -> Any:
    """Run in a worker process what ``pack`` packed."""
    function, initializer = pickle.loads(packed)  # from our own parent process, never from outside  # noqa: S301
    if initializer is not None and packed not in _initialized:
        initializer()
        _initialized.add(packed)
    return function(item)


def pack(function: Callable[[Any], Any], initializer: Initializer | None) -> bytes:
    """Pickle what is the same for all inputs once."""
    return pickle.dumps((function, initializer))
