"""Dawid-Skene and ``auto`` on many votes: CPU seconds and memory, beside crowd-kit's recorded ones.

    python -m benchmarks.votes --votes 10000000 [--json FILE] [--peer]

``--peer`` runs crowd-kit too, where it is installed, on the same votes with the same number of sweeps, and prints the
largest difference of any posterior. It takes minutes from a million votes on. At last single votes are added to the fit
of ``auto``, each of which updates its task, the skill of those who answered it and the certainty.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from goldsmith.science.votes import LabelConsensus, LiveVotes, Votes, auto, dawid_skene

RECORDED = {
    1_000_000: {"crowd-kit Dawid-Skene": 13.0, "crowd-kit MACE": 209.0},
    10_000_000: {"crowd-kit Dawid-Skene": 240.0},
}
"""CPU seconds measured earlier on another, quiet machine; kept for orientation."""
GOALS = {
    1_000_000: {"dawid_skene": 0.4, "auto": 1.5, "one_update_ms": 5.0},
    10_000_000: {"dawid_skene": 4.0},
}
SINGLE_VOTES = 5_000


def make_votes(rng: np.random.Generator, *, votes: int, labels: int, per_task: int = 5) -> dict[str, Any]:
    """A crowd of mixed skill; 1,000 votes an annotator."""
    tasks, annotators = max(votes // per_task, 1), max(votes // 1000, 20)
    task = rng.integers(0, tasks, votes)
    annotator = rng.integers(0, annotators, votes)
    truth = rng.integers(0, labels, tasks)
    is_right = rng.random(votes) < rng.beta(4, 1.5, annotators)[annotator]
    label = np.where(is_right, truth[task], rng.integers(0, labels, votes))
    columns = {"task": task, "annotator": annotator, "label": label, "truth": truth}
    return {**columns, "tasks": tasks, "annotators": annotators, "labels": labels}


def measured(run: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result and the CPU seconds of all threads."""
    begun = time.process_time()
    result = run()
    return result, time.process_time() - begun


def run(votes: int, *, labels: int, sweeps: int, with_peer: bool) -> dict[str, Any]:
    """Measure at one size; ``dawid_skene`` counts laying out the votes, too."""
    crowd = make_votes(np.random.default_rng(1), votes=votes, labels=labels)
    before_mb = _peak_mb()

    def lay_out() -> Votes:
        return Votes.of(
            crowd["task"],
            crowd["annotator"],
            crowd["label"],
            task_count=crowd["tasks"],
            annotator_count=crowd["annotators"],
            label_count=labels,
        )

    table, laying_s = measured(lay_out)
    fitted, fitting_s = measured(lambda: dawid_skene(table, sweeps=sweeps, tolerance=0.0))
    peak_mb = _peak_mb()
    chosen, auto_s = measured(lambda: auto(table, np.random.default_rng(0)))
    found: dict[str, Any] = {
        "votes": votes,
        "labels": labels,
        "sweeps": sweeps,
        "dawid_skene_cpu_s": round(laying_s + fitting_s, 3),
        "dawid_skene_peak_mb": round(peak_mb),
        "of_that_the_input_mb": round(before_mb),
        "dawid_skene_accuracy": float((fitted.label == crowd["truth"]).mean()),
        "auto_cpu_s": round(laying_s + auto_s, 3),
        "auto_accuracy": float((chosen.label == crowd["truth"]).mean()),
        **_one_by_one(table, chosen),
        "goals": GOALS.get(votes),
        "recorded_peers_cpu_s": RECORDED.get(votes),
    }
    return {**found, **(_beside_crowd_kit(crowd, fitted.posterior, sweeps) if with_peer else {})}


def _one_by_one(table: Votes, fitted: LabelConsensus) -> dict[str, float]:
    """CPU milliseconds of one vote, and of one on a new task, after the fit was taken over."""
    rng = np.random.default_rng(2)
    live, taking_s = measured(lambda: LiveVotes.of(table, fitted))
    times = np.empty(SINGLE_VOTES)
    for number in range(SINGLE_VOTES):
        is_new = number % 5 == 0
        annotator, label = int(rng.integers(table.annotator_count)), int(rng.integers(table.label_count))
        task = int(rng.integers(table.task_count))
        begun = time.process_time_ns()
        live.add(live.add_task() if is_new else task, annotator, label)
        times[number] = (time.process_time_ns() - begun) / 1e6
    median, p99 = np.quantile(times, [0.5, 0.99]).round(3).tolist()
    return {
        "taking_over_cpu_s": round(taking_s, 3),
        "one_update_median_cpu_ms": median,
        "one_update_p99_cpu_ms": p99,
        "one_update_worst_cpu_ms": round(float(times.max()), 3),
    }


def _beside_crowd_kit(crowd: dict[str, Any], ours: np.ndarray, sweeps: int) -> dict[str, Any]:
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    frame = pd.DataFrame({"task": crowd["task"], "worker": crowd["annotator"], "label": crowd["label"]})
    # crowd-kit counts the E step of its start as none of its iterations, as we do
    peer = DawidSkene(n_iter=sweeps, tol=-np.inf)
    theirs, cpu_s = measured(lambda: peer.fit_predict_proba(frame))
    table = theirs.sort_index(axis=1)
    difference = float(np.abs(ours[table.index.to_numpy()] - table.to_numpy()).max())
    same = float((ours[table.index.to_numpy()].argmax(axis=1) == table.to_numpy().argmax(axis=1)).mean())
    return {
        "crowd_kit_cpu_s": round(cpu_s, 2),
        "largest_difference": difference,
        "labels_equal": same,
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--labels", type=int, default=4)
    parser.add_argument("--sweeps", type=int, default=8)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = run(options.votes, labels=options.labels, sweeps=options.sweeps, with_peer=options.peer)
    for name, value in found.items():
        print(f"{name:>28}  {value}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
