"""The text part of ``benchmarks.quality``: several people's texts made one, ours beside crowd-kit's, set by set.

A set is ``NAME.texts.csv`` (task, worker, text) with ``NAME.gold.csv`` (task, text). Told is the word error rate over
the tasks that have gold, without case and punctuation, and CPU seconds. ROVER is given the same words as ours; TextRASA
and TextHRRASA are given hashed trigrams of characters in place of sentence embeddings, which need a model from a hub:
with good ones they would do better.
"""

from __future__ import annotations

import contextlib
import csv
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from goldsmith.science import texts as ours

_BUCKETS = 512


@dataclass(frozen=True, slots=True)
class TextSet:
    """One set as read: columns of names, and the gold."""

    name: str
    task: list[str]
    worker: list[str]
    text: list[str]
    gold: dict[str, str]


Method = Callable[[TextSet], dict[str, str]]


def read_text_sets(folder: Path, only: list[str]) -> Iterator[TextSet]:
    """Read every set of texts in a folder, in the order of their names."""
    for path in sorted(folder.glob("*.texts.csv")):
        name = path.name.removesuffix(".texts.csv")
        if only and name not in only:
            continue
        task, worker, text = (list(column) for column in zip(*_rows(path), strict=True))
        gold = {row[0]: row[1] for row in _rows(path.with_name(f"{name}.gold.csv"))}
        yield TextSet(name, task, worker, text, gold)


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return [row[:3] for row in csv.reader(file)][1:]


def our_methods() -> dict[str, Method]:
    """Ours, each from columns of names to a text by task."""

    def made(way: Literal["auto", "columns", "medoid"], *, is_weighted: bool = True) -> Method:
        def run(crowd: TextSet) -> dict[str, str]:
            tasks, task = np.unique(crowd.task, return_inverse=True)
            workers, worker = np.unique(crowd.worker, return_inverse=True)
            table = ours.Texts.of(
                task, worker, crowd.text, task_count=len(tasks), annotator_count=len(workers)
            )
            found = ours.resolve_texts(table, way=way, is_weighted=is_weighted)
            return dict(zip(tasks.tolist(), found.text, strict=True))

        return run

    return {
        "auto": made("auto"),
        "columns": made("columns"),
        "columns, unweighted": made("columns", is_weighted=False),
        "medoid": made("medoid"),
        "medoid, unweighted": made("medoid", is_weighted=False),
        "first answer": _first,
        "best answer (knows gold)": _best,
    }


def peer_methods() -> dict[str, Method]:
    """crowd-kit's; none where it is not installed."""
    try:
        import pandas as pd
        from crowdkit import aggregation as peers
    except ImportError:
        return {}

    def frame(crowd: TextSet) -> Any:
        return pd.DataFrame({"task": crowd.task, "worker": crowd.worker, "text": crowd.text})

    def words(text: str) -> list[str]:
        return ours.tokens_of(text).keys

    def rover(crowd: TextSet) -> dict[str, str]:
        return dict(peers.ROVER(words, " ".join).fit_predict(frame(crowd)))

    def made(make: Callable[[], Any]) -> Method:
        def run(crowd: TextSet) -> dict[str, str]:
            # the second argument has no default, and an empty series of known texts is refused
            return dict(make().fit_predict(frame(crowd), None))

        return run

    return {
        "crowd-kit ROVER": rover,
        "crowd-kit TextRASA": made(lambda: peers.TextRASA(encoder=_trigrams)),
        "crowd-kit TextHRRASA": made(lambda: peers.TextHRRASA(encoder=_trigrams)),
    }


def _first(crowd: TextSet) -> dict[str, str]:
    return dict(zip(reversed(crowd.task), reversed(crowd.text), strict=True))


def _best(crowd: TextSet) -> dict[str, str]:
    truth = [crowd.gold.get(task, "") for task in crowd.task]
    apart = [
        ours.word_error_rate([one], [other]).errors for one, other in zip(crowd.text, truth, strict=True)
    ]
    order = sorted(range(len(apart)), key=lambda i: -apart[i])
    return {crowd.task[i]: crowd.text[i] for i in order}


def _trigrams(text: str) -> np.ndarray:
    """Hashed trigrams of characters, of length 1."""
    padded = f" {' '.join(ours.tokens_of(text).keys)} "
    counts = np.zeros(_BUCKETS)
    for i in range(max(len(padded) - 2, 1)):
        counts[zlib.crc32(padded[i : i + 3].encode()) % _BUCKETS] += 1.0
    return counts / np.linalg.norm(counts)


def run(folder: Path, only: list[str]) -> dict[str, dict[str, dict[str, float]]]:
    """Measure every method on every set, printing as it goes."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    methods = {**our_methods(), **peer_methods()}
    for crowd in read_text_sets(folder, only):
        print(f"\n{crowd.name}: {len(crowd.task)} texts of {len(set(crowd.task))} tasks", flush=True)
        for name, method in methods.items():
            begun = time.process_time()
            try:
                with warnings.catch_warnings(), contextlib.redirect_stderr(None):
                    warnings.simplefilter("ignore")
                    said = method(crowd)
            except Exception as error:  # noqa: BLE001 - a peer that fails on a set is told, whatever it raised
                print(f"  {name:<26} failed: {type(error).__name__}: {str(error)[:60]}")
                continue
            cpu_s = time.process_time() - begun
            kept = [task for task in crowd.gold if task in said]
            rate = ours.word_error_rate([said[t] for t in kept], [crowd.gold[t] for t in kept]).rate
            found.setdefault(name, {})[crowd.name] = {"word_error_rate": rate, "cpu_s": cpu_s}
            print(f"  {name:<26} word error rate {100 * rate:6.2f} %  {cpu_s:8.2f} s", flush=True)
    return found
