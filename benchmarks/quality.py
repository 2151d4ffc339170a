"""Label aggregation on real crowds: ours beside crowd-kit's, set by set, in one run.

    python -m benchmarks.quality --data FOLDER [--json FILE] [--only NAME ...] [--most-s 600]

A set is ``NAME.votes.csv`` (task, worker, label) with ``NAME.gold.csv`` (task, label). Prints accuracy, log loss
(natural, floored at 1e-15) and the CPU seconds of every method, their means over the sets, and the expected calibration
error in ten bins: over all gold answers together, and as the mean over the sets (a set of twenty tasks is rarely under
0.1 there, by chance alone). ``auto`` never sees the name of a set. Ties are as each tool breaks them. Sets of texts
(``NAME.texts.csv``) follow, by word error rate: see ``benchmarks.quality_texts``. The stopping table (how few votes
give what all of them give) is of ``benchmarks.quality_stopping``. A method that takes more CPU on a set than
``--most-s`` is ended there and told as such; its means are then over fewer sets, with those of ``auto`` on the same
ones beside them. The file is written anew after every set, so that a run that is ended leaves what it found.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import quality_stopping, quality_texts
from goldsmith.science import votes as ours

RECORDED = {
    "crowd-kit MajorityVote": 0.755,
    "crowd-kit DawidSkene": 0.777,
    "crowd-kit GLAD": 0.767,
    "crowd-kit MACE": 0.804,
}
"""Mean accuracies measured earlier on the open sets; printed where crowd-kit is not installed."""
_FLOOR = 1e-15
_BINS = 10


@dataclass(frozen=True, slots=True)
class CrowdSet:
    """One set as read: columns of names, and the gold."""

    name: str
    task: list[str]
    worker: list[str]
    label: list[str]
    gold: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """Posteriors of the tasks that have gold, and what they cost."""

    tasks: list[str]
    labels: list[str]
    posterior: np.ndarray
    cpu_s: float


@contextlib.contextmanager
def limited_cpu(most_s: float) -> Iterator[None]:
    """Raise TimeoutError in the body once it took so much CPU; some peers take hours on some sets."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {most_s:.0f} s of CPU")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, most_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


Method = Callable[[CrowdSet], tuple[list[str], list[str], np.ndarray]]


def read_sets(folder: Path, only: list[str]) -> Iterator[CrowdSet]:
    """Read every set of votes in a folder, in the order of their names."""
    for path in sorted(folder.glob("*.votes.csv")):
        name = path.name.removesuffix(".votes.csv")
        if only and name not in only:
            continue
        rows = _rows(path)
        gold = dict(row[:2] for row in _rows(path.with_name(f"{name}.gold.csv")))
        task, worker, label = (list(column) for column in zip(*(row[:3] for row in rows), strict=True))
        yield CrowdSet(name, task, worker, label, gold)


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))[1:]


def our_methods() -> dict[str, Method]:
    """Ours, each from columns of names to a table of posteriors."""

    def made(model: Callable[[ours.Votes], ours.LabelConsensus]) -> Method:
        def run(crowd: CrowdSet) -> tuple[list[str], list[str], np.ndarray]:
            tasks, task = np.unique(crowd.task, return_inverse=True)
            workers, worker = np.unique(crowd.worker, return_inverse=True)
            labels, label = np.unique(crowd.label, return_inverse=True)
            table = ours.Votes.of(
                task,
                worker,
                label,
                task_count=len(tasks),
                annotator_count=len(workers),
                label_count=len(labels),
            )
            return tasks.tolist(), labels.tolist(), model(table).posterior

        return run

    return {
        "auto": made(lambda votes: ours.auto(votes, np.random.default_rng(0))),
        "majority": made(ours.majority),
        "dawid_skene": made(ours.dawid_skene),
        "bayesian_dawid_skene": made(ours.bayesian_dawid_skene),
        "one_coin": made(ours.one_coin),
        "crowd_confusion": made(ours.crowd_confusion),
        "glad": made(ours.glad),
        "mace": made(lambda votes: ours.mace(votes, np.random.default_rng(0))),
    }


def peer_methods() -> dict[str, Method]:
    """crowd-kit's, as its documentation calls them; none where it is not installed."""
    try:
        import pandas as pd
        from crowdkit import aggregation as peers
    except ImportError:
        return {}

    def made(make: Callable[[], Any]) -> Method:
        def run(crowd: CrowdSet) -> tuple[list[str], list[str], np.ndarray]:
            frame = pd.DataFrame({"task": crowd.task, "worker": crowd.worker, "label": crowd.label})
            table = make().fit_predict_proba(frame).fillna(0.0)
            return list(table.index), list(table.columns), table.to_numpy(dtype=np.float64)

        return run

    return {
        "crowd-kit MajorityVote": made(peers.MajorityVote),
        "crowd-kit Wawa": made(peers.Wawa),
        "crowd-kit ZeroBasedSkill": made(peers.ZeroBasedSkill),
        "crowd-kit DawidSkene": made(lambda: peers.DawidSkene(n_iter=100)),
        "crowd-kit GLAD": made(peers.GLAD),
        "crowd-kit MACE": made(peers.MACE),
    }


def answered(method: Method, crowd: CrowdSet) -> Answer:
    """Run a method and keep the rows that have gold."""
    begun = time.process_time()
    with warnings.catch_warnings(), contextlib.redirect_stderr(None):
        warnings.simplefilter("ignore")
        tasks, labels, posterior = method(crowd)
    cpu_s = time.process_time() - begun
    row_of = {task: row for row, task in enumerate(tasks)}
    kept = [task for task in crowd.gold if task in row_of]
    return Answer(kept, labels, posterior[[row_of[task] for task in kept]], cpu_s)


def measures(answer: Answer, crowd: CrowdSet) -> dict[str, Any]:
    """Accuracy, log loss, calibration; a gold label that nobody voted for counts as wrong with probability 0."""
    column_of = {label: column for column, label in enumerate(answer.labels)}
    truth = np.array([column_of.get(crowd.gold[task], -1) for task in answer.tasks])
    is_right = answer.posterior.argmax(axis=1) == truth
    told = np.take_along_axis(answer.posterior, np.maximum(truth, 0)[:, None], axis=1)[:, 0]
    told = np.where(truth >= 0, told, 0.0)
    sure = answer.posterior.max(axis=1)
    return {
        "accuracy": float(is_right.mean()),
        "log_loss": float(-np.log(np.maximum(told, _FLOOR)).mean()),
        "calibration_error": calibration_error(sure, is_right),
        "cpu_s": answer.cpu_s,
        "sure": sure,
        "is_right": is_right,
    }


def calibration_error(sure: np.ndarray, is_right: np.ndarray) -> float:
    """Expected calibration error in ten equal bins (Naeini et al. 2015)."""
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    size = np.bincount(bins, minlength=_BINS)
    gap = np.abs(np.bincount(bins, sure - is_right, minlength=_BINS))
    return float(gap[size > 0].sum() / max(size.sum(), 1))


def run(
    folder: Path, only: list[str], *, most_s: float, keep: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Measure every method on every set, printing as it goes; ``keep`` is given what is known after each set."""
    methods = {**our_methods(), **peer_methods()}
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for crowd in read_sets(folder, only):
        print(f"\n{crowd.name}: {len(crowd.task)} votes on {len(set(crowd.task))} tasks", flush=True)
        for name, method in methods.items():
            try:
                with limited_cpu(most_s):
                    result = measures(answered(method, crowd), crowd)
            except Exception as error:  # noqa: BLE001 - a peer that fails on a set is told, whatever it raised
                print(f"  {name:<26} failed: {type(error).__name__}: {str(error)[:60]}")
                continue
            found.setdefault(name, {})[crowd.name] = result
            print(
                f"  {name:<26} accuracy {result['accuracy']:.4f}  log loss {result['log_loss']:.3f}"
                f"  {result['cpu_s']:8.2f} s",
                flush=True,
            )
        keep({"sets": _plain(found), "means": _means(found)})
    return {"sets": _plain(found), "means": _means(found)}


def _means(found: dict[str, dict[str, dict[str, Any]]]) -> dict[str, dict[str, float]]:
    means: dict[str, dict[str, float]] = {}
    for name, by_set in found.items():
        rows = list(by_set.values())
        together = calibration_error(
            np.concatenate([row["sure"] for row in rows]), np.concatenate([row["is_right"] for row in rows])
        )
        means[name] = {
            "sets": float(len(rows)),
            **{
                key: float(np.mean([row[key] for row in rows]))
                for key in ("accuracy", "log_loss", "calibration_error")
            },
            "calibration_error_together": together,
            "accuracy_of_auto": float(np.mean([found["auto"][crowd]["accuracy"] for crowd in by_set])),
            "cpu_s": float(sum(row["cpu_s"] for row in rows)),
        }
    return means


def _plain(found: dict[str, dict[str, dict[str, Any]]]) -> dict[str, Any]:
    kept = ("accuracy", "log_loss", "calibration_error", "cpu_s")
    return {
        name: {s: {key: row[key] for key in kept} for s, row in sets.items()} for name, sets in found.items()
    }


def print_means(means: dict[str, dict[str, float]]) -> None:
    """Print the table of means, the best accuracy first."""
    print(
        "\nmean over the sets            sets  accuracy  auto there  log loss  calibration: together  by set     CPU s"
    )
    for name, row in sorted(means.items(), key=lambda entry: -entry[1]["accuracy"]):
        print(
            f"{name:<29} {row['sets']:4.0f}  {row['accuracy']:8.4f}  {row['accuracy_of_auto']:10.4f}"
            f"  {row['log_loss']:8.3f}"
            f"  {row['calibration_error_together']:21.3f}  {row['calibration_error']:6.3f}  {row['cpu_s']:8.1f}"
        )
    if not any(name.startswith("crowd-kit") for name in means):
        print("crowd-kit is not installed; recorded earlier on the open sets:", RECORDED)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--most-s", type=float, default=600.0, help="CPU seconds of a method on a set, at most"
    )
    options = parser.parse_args()

    def keep(found: dict[str, Any]) -> None:
        if options.json:
            options.json.write_text(json.dumps(found, indent=1))

    found = run(options.data, options.only, most_s=options.most_s, keep=keep)
    if found["means"]:
        print_means(found["means"])
    found["texts"] = quality_texts.run(options.data, options.only)
    keep(found)
    found["stopping"] = quality_stopping.run(read_sets(options.data, options.only))
    keep(found)


if __name__ == "__main__":
    main()
