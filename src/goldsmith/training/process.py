"""A training in a process of its own, so that the server stays small and quick, and what it says on the way.

The parent writes the dataset version as a folder and a specification; the child (``goldsmith.training.trainer``) reads
both, trains with checkpoints in the same folder, and prints one JSON line for each progress. The child ends when
its standard input closes, so it never outlives a parent that was killed; the next attempt resumes from its checkpoint.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from goldsmith.core.errors import GoldsmithError, InvalidInputError, WorkerLostError

SPEC_FILE = "spec.json"
RESULT_FILE = "result.json"
_STOP_WAIT_S = 30.0


class TrainingFailedError(GoldsmithError):
    """The training process ended with an error of its own."""

    code = "training_failed"
    title = "The training failed"


def run_trainer(
    folder: Path,
    *,
    spec: dict[str, Any],
    on_progress: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    """Run one training to its end.

    Args:
        folder: Holds the dataset version; checkpoints and results go there too.
        spec: Recipe, seed and name, for the child.
        on_progress: Told each message of the child.
        should_stop: Asked about once a second; when it says yes, the child saves and ends.

    Returns:
        The child's result.

    Raises:
        InvalidInputError: There is nothing to learn.
        TrainingFailedError: The child failed; the text says how.
        WorkerLostError: The child was killed.
    """
    (folder / SPEC_FILE).write_text(json.dumps(spec))
    (folder / RESULT_FILE).unlink(missing_ok=True)
    command = [sys.executable, "-m", "goldsmith.training.trainer", str(folder)]
    with subprocess.Popen(  # noqa: S603  our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        errors: list[str] = []
        reader = threading.Thread(target=lambda: errors.extend(child.stderr or []), daemon=True)
        reader.start()
        watcher = _Watcher(child, should_stop)
        watcher.start()
        try:
            for line in child.stdout or []:
                on_progress(json.loads(line))
        finally:
            watcher.end()
        code = child.wait()
        reader.join(timeout=5.0)
    return _result(folder, code, "".join(errors))


def _result(folder: Path, code: int, errors: str) -> dict[str, Any]:
    if (folder / RESULT_FILE).exists():
        result: dict[str, Any] = json.loads((folder / RESULT_FILE).read_text())
        if result.get("error_code") == "invalid_input":
            raise InvalidInputError(result["error"])
        if "error" in result:
            raise TrainingFailedError(result["error"])
        return result
    if code < 0:
        raise WorkerLostError(
            f"the training process was ended by signal {-code}; it resumes from its checkpoint"
        )
    raise TrainingFailedError(f"the training process ended with code {code}: {errors[-2000:]}")


class _Watcher:
    """Asks once a second whether to stop, and closes the child's standard input when so."""

    def __init__(self, child: subprocess.Popen[str], should_stop: Callable[[], bool]) -> None:
        self._child = child
        self._should_stop = should_stop
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._done.set()
        self._thread.join()
        self._close()

    def _watch(self) -> None:
        while not self._done.wait(1.0):
            if self._should_stop():
                self._close()
                try:
                    self._child.wait(_STOP_WAIT_S)
                except subprocess.TimeoutExpired:
                    self._child.kill()
                return

    def _close(self) -> None:
        if self._child.stdin is not None and not self._child.stdin.closed:
            self._child.stdin.close()
