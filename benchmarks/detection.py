"""COCO bbox evaluation: ours beside pycocotools and faster-coco-eval, in one run on the same dictionaries.

    python -m benchmarks.detection --json FILE

Prints the largest difference over the twelve numbers, CPU seconds (``process_time``, which counts every
thread) and the ratio to each peer. Two clocks: ``measure`` starts from what each tool holds after loading
(indexed dictionaries for the peers, columns for us); ``with_loading`` starts from the plain dictionaries of
a COCO file and a results file.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldsmith.science.detection_metrics import COCO_NUMBERS, evaluate_coco, tables_from_coco

RECORDED_CPU_S = {"pycocotools": 20.0, "faster-coco-eval": 4.0}
"""Measured earlier on another 2-core machine; kept for orientation only."""


def make_case(
    *, images: int, detections: int, classes: int, seed: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A seeded detector on seeded gold: crowds, all sizes, misses, duplicates, wrong classes, tied scores."""
    rng = np.random.default_rng(seed)
    per_image = rng.poisson(7.3, images)
    image = np.repeat(np.arange(images), per_image)
    share = 1.0 / np.arange(1, classes + 1) ** 0.7
    label = rng.choice(classes, image.size, p=share / share.sum())
    side = np.exp(rng.normal(4.0, 1.0, (image.size, 2))).clip(4, 500)
    corner = rng.random((image.size, 2)) * (640 - side).clip(1)
    gold_box = np.concatenate([corner, side], axis=1).round(2)
    crowd = rng.random(image.size) < 0.01
    filled = side.prod(axis=1) * rng.uniform(0.4, 1.0, image.size)
    dataset = {
        "info": {},
        "images": [{"id": i + 1, "width": 640, "height": 640} for i in range(images)],
        "categories": [{"id": c + 1, "name": f"class {c}"} for c in range(classes)],
        "annotations": [
            {"id": i + 1, "image_id": int(image[i]) + 1, "category_id": int(label[i]) + 1,
             "bbox": gold_box[i].tolist(), "area": float(filled[i]), "iscrowd": int(crowd[i])}
            for i in range(image.size)
        ],
    }  # fmt: skip
    rows = _detections(
        rng, detections=detections, classes=classes, image=image, label=label, gold_box=gold_box
    )
    return dataset, rows


def _detections(
    rng: np.random.Generator,
    *,
    detections: int,
    classes: int,
    image: NDArray[np.int64],
    label: NDArray[np.int64],
    gold_box: NDArray[np.float64],
) -> list[dict[str, Any]]:
    source = rng.integers(0, image.size, detections)
    stray = rng.random(detections) < 0.45
    scale = np.exp(rng.normal(0, 0.9, (detections, 1)) - 2.4)
    size = gold_box[source][:, 2:]
    box = gold_box[source] + rng.normal(0, 1, (detections, 4)) * np.concatenate([size, size], axis=1) * scale
    box[stray, :2] = rng.random((int(stray.sum()), 2)) * 500
    box[:, 2:] = box[:, 2:].clip(2)
    wrong = stray | (rng.random(detections) < 0.12)
    guess = np.where(wrong, rng.integers(0, classes, detections), label[source])
    score = np.where(stray, rng.beta(1, 4, detections), rng.beta(3, 2, detections)).round(3)
    target = np.where(stray, rng.integers(0, int(image.max()) + 1, detections), image[source])
    return [
        {"image_id": int(target[i]) + 1, "category_id": int(guess[i]) + 1,
         "bbox": box[i].round(2).tolist(), "score": float(score[i])}
        for i in range(detections)
    ]  # fmt: skip


def run_peer(name: str, dataset: dict[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
    """One peer on its own copy of the dictionaries (both write into them)."""
    if name == "pycocotools":
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    else:
        from faster_coco_eval import COCO
        from faster_coco_eval import COCOeval_faster as COCOeval
    dataset, results = copy.deepcopy(dataset), copy.deepcopy(results)
    with contextlib.redirect_stdout(io.StringIO()):
        started = time.process_time()
        gold = COCO()
        gold.dataset = dataset
        gold.createIndex()
        found = gold.loadRes(results)
        loaded = time.process_time()
        evaluation = COCOeval(gold, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        ended = time.process_time()
    return {
        "stats": [float(v) for v in evaluation.stats[:12]],
        "measure": ended - loaded,
        "with_loading": ended - started,
    }


def run_ours(dataset: dict[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
    """Ours on the same dictionaries."""
    started = time.process_time()
    tables = tables_from_coco(dataset, results)
    loaded = time.process_time()
    result = evaluate_coco(
        tables.gold, tables.predicted, image_count=len(tables.image_ids), class_count=len(tables.class_ids)
    )
    ended = time.process_time()
    return {"stats": result.stats.tolist(), "measure": ended - loaded, "with_loading": ended - started}


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--images", type=int, default=5_000)
    parser.add_argument("--detections", type=int, default=200_000)
    parser.add_argument("--classes", type=int, default=80)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--repeat", type=int, default=3, help="runs of ours and of faster-coco-eval; the median counts"
    )
    options = parser.parse_args()
    dataset, results = make_case(
        images=options.images, detections=options.detections, classes=options.classes, seed=options.seed
    )
    report = compare(dataset, results, repeat=options.repeat)
    report["case"] = {
        "images": options.images, "detections": options.detections, "classes": options.classes,
        "gold": len(dataset["annotations"]), "seed": options.seed,
    }  # fmt: skip
    show(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")


def compare(dataset: dict[str, Any], results: list[dict[str, Any]], *, repeat: int) -> dict[str, Any]:
    """Ours and both peers; the peers' numbers are the reference."""
    fast_runs, our_runs = [], []
    for _ in range(repeat):
        our_runs.append(run_ours(dataset, results))
        fast_runs.append(run_peer("faster-coco-eval", dataset, results))
    runs = {
        "goldsmith": our_runs,
        "faster-coco-eval": fast_runs,
        "pycocotools": [run_peer("pycocotools", dataset, results)],
    }
    reference = np.array(runs["pycocotools"][0]["stats"])
    cpu_s = {
        name: {clock: float(np.median([run[clock] for run in many])) for clock in ("measure", "with_loading")}
        for name, many in runs.items()
    }
    return {
        "numbers": {
            name: dict(zip(COCO_NUMBERS, many[0]["stats"], strict=True)) for name, many in runs.items()
        },
        "largest_difference_to_pycocotools": {
            name: float(np.abs(np.array(many[0]["stats"]) - reference).max()) for name, many in runs.items()
        },
        "cpu_s": cpu_s,
        "peer_cpu_over_ours": {
            name: {
                clock: cpu_s[name][clock] / cpu_s["goldsmith"][clock] for clock in ("measure", "with_loading")
            }
            for name in ("pycocotools", "faster-coco-eval")
        },
        "recorded_peer_cpu_s": RECORDED_CPU_S,
    }


def show(report: dict[str, Any]) -> None:
    """A table for people."""
    case = report["case"]
    print(", ".join(f"{case[what]} {what}" for what in ("images", "gold", "detections", "classes")))
    print(f"{'':18}{'CPU s':>8}{'with loading':>14}{'max difference':>18}{'recorded CPU s':>16}")
    for name, clock in report["cpu_s"].items():
        gap = report["largest_difference_to_pycocotools"][name]
        recorded = report["recorded_peer_cpu_s"].get(name, "")
        print(f"{name:18}{clock['measure']:8.2f}{clock['with_loading']:14.2f}{gap:18.1e}{recorded!s:>16}")
    for name, ratio in report["peer_cpu_over_ours"].items():
        print(f"{name} takes {ratio['measure']:.1f} x our CPU ({ratio['with_loading']:.1f} x with loading)")


if __name__ == "__main__":
    main()
