"""Consensus of boxes on real gold: ours beside each annotator and beside a merge by quorum, in one run.

    python -m benchmarks.quality_boxes --data FOLDER [--seeds 3] [--json FILE]

FOLDER holds ``train.coco.json``. Simulated annotators of mixed skill mark its pictures, three a picture. Prints F1 (a
box counts as found at an IoU of one half or more, with its class) and the mean IoU of what was found: of every
annotator on the pictures they looked at, of a merge by quorum, and of ours, which keeps objects with a posterior of one
half or more. The merge by quorum is what labelling tools do with replicas: boxes that overlap by 0.4 or more are one
object, it is kept when half of those who looked marked it, the class goes by majority, and the box that is most like
the others stands.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.installation import write_json
from goldsmith.science.boxes import box_iou
from goldsmith.science.consensus.detection import fit_detection_skill, resolve_detections
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.simulation import SimulatedAnnotator, simulate_crowd

OVERLAP: Final = 3
FOUND_IOU: Final = 0.5
QUORUM_IOU: Final = 0.4
KEPT_FROM: Final = 0.5
CROWD: Final = {
    "careful": SimulatedAnnotator(0.05, 0.08, 0.02, 0.03),
    "good": SimulatedAnnotator(0.08, 0.12, 0.03, 0.04),
    "fair": SimulatedAnnotator(0.12, 0.2, 0.05, 0.06),
    "hasty": SimulatedAnnotator(0.28, 0.3, 0.08, 0.09),
    "poor": SimulatedAnnotator(0.2, 0.8, 0.2, 0.1),
}


class Gold(NamedTuple):
    """The truth, and how large its pictures are."""

    marks: Marks
    images: int
    classes: int
    width_px: float
    height_px: float


class Score(NamedTuple):
    """How objects compare with the truth."""

    f1: float
    mean_iou: float


def read_gold(folder: Path) -> Gold:
    """Read the boxes of a COCO file."""
    data = json.loads((folder / "train.coco.json").read_text())
    place = {image["id"]: number for number, image in enumerate(data["images"])}
    category = {entry["id"]: number for number, entry in enumerate(data["categories"])}
    box = np.array([entry["bbox"] for entry in data["annotations"]], dtype=np.float64)
    marks = Marks.of(
        image=[place[entry["image_id"]] for entry in data["annotations"]],
        annotator=np.zeros(len(box), dtype=np.int64),
        class_index=[category[entry["category_id"]] for entry in data["annotations"]],
        box_xyxy=np.concatenate([box[:, :2], box[:, :2] + box[:, 2:]], axis=1),
    )
    size = data["images"][0]
    return Gold(marks, len(place), len(category), float(size["width"]), float(size["height"]))


def score(marks: Marks, gold: Marks, images: np.ndarray) -> Score:
    """Match one to one, picture by picture, what is of one class; the best pairs by IoU."""
    found: list[float] = []
    given = wanted = 0
    for image in images.tolist():
        own, true = np.flatnonzero(marks.image == image), np.flatnonzero(gold.image == image)
        given, wanted = given + own.size, wanted + true.size
        if not own.size or not true.size:
            continue
        alike = box_iou(marks.box_xyxy[own], gold.box_xyxy[true])
        alike[marks.class_index[own][:, None] != gold.class_index[true][None, :]] = 0.0
        alike[alike < FOUND_IOU] = 0.0
        rows, columns = linear_sum_assignment(-alike)
        found += [value for value in alike[rows, columns].tolist() if value > 0.0]
    return Score(2.0 * len(found) / max(given + wanted, 1), float(np.mean(found)) if found else 0.0)


def by_quorum(marks: Marks, looks: Looks) -> Marks:
    """Merge replicas as labelling tools do; see above."""
    kept: list[tuple[int, int, np.ndarray]] = []
    for image in np.unique(looks.image).tolist():
        rows = np.flatnonzero(marks.image == image)
        onlookers = int((looks.image == image).sum())
        for cluster in _clusters(marks, rows):
            if 2 * len(cluster) < onlookers:
                continue
            boxes = marks.box_xyxy[cluster]
            typical = int(box_iou(boxes, boxes).mean(axis=1).argmax())
            label = Counter(marks.class_index[cluster].tolist()).most_common(1)[0][0]
            kept.append((image, label, boxes[typical]))
    return Marks.of(
        image=[image for image, _, _ in kept],
        annotator=[0] * len(kept),
        class_index=[label for _, label, _ in kept],
        box_xyxy=np.array([box for _, _, box in kept]).reshape(-1, 4),
    )


def _clusters(marks: Marks, rows: np.ndarray) -> list[list[int]]:
    """Put the marks of one annotator after the other to the clusters so far, one to one by the mean IoU."""
    clusters: list[list[int]] = []
    for annotator in np.unique(marks.annotator[rows]).tolist():
        own = rows[marks.annotator[rows] == annotator].tolist()
        if clusters:
            alike = np.array(
                [
                    [box_iou(marks.box_xyxy[[row]], marks.box_xyxy[cluster]).mean() for cluster in clusters]
                    for row in own
                ]
            )
            pairs = zip(*linear_sum_assignment(-alike), strict=True)
            taken = {int(row): int(at) for row, at in pairs if alike[row, at] >= QUORUM_IOU}
        else:
            taken = {}
        for number, row in enumerate(own):
            if number in taken:
                clusters[taken[number]].append(row)
            else:
                clusters.append([row])
    return clusters


def ours(marks: Marks, looks: Looks, *, people: int, classes: int) -> Marks:
    """Resolve by the product's consensus."""
    skill = fit_detection_skill(marks, looks, annotator_count=people, class_count=classes)
    consensus = resolve_detections(marks, looks, skill=skill)
    kept = consensus.posterior >= KEPT_FROM
    return Marks.of(
        image=consensus.image[kept],
        annotator=np.zeros(int(kept.sum()), dtype=np.int64),
        class_index=consensus.class_index[kept],
        box_xyxy=consensus.box_xyxy[kept],
    )


def measure(gold: Gold, seed: int) -> dict[str, Score]:
    """Let the crowd mark everything, and score everybody and both merges."""
    marks, looks = simulate_crowd(
        np.random.default_rng(seed),
        gold.marks,
        list(CROWD.values()),
        image_count=gold.images,
        class_count=gold.classes,
        overlap=OVERLAP,
        width_px=gold.width_px,
        height_px=gold.height_px,
    )
    found = {}
    for number, name in enumerate(CROWD):
        seen = np.unique(looks.image[looks.annotator == number])
        found[f"annotator, {name}"] = score(marks.at(marks.annotator == number), gold.marks, seen)
    everything = np.arange(gold.images)
    found["merge by quorum"] = score(by_quorum(marks, looks), gold.marks, everything)
    merged = ours(marks, looks, people=len(CROWD), classes=gold.classes)
    found["goldsmith"] = score(merged, gold.marks, everything)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json")
    options = parser.parse_args()
    gold = read_gold(options.data)
    runs = [measure(gold, seed) for seed in range(options.seeds)]
    print(
        f"{gold.images} pictures, {len(gold.marks)} objects, {OVERLAP} looks a picture, {options.seeds} crowds"
    )
    means = {}
    for name in runs[0]:
        means[name] = [float(np.mean([run[name][at] for run in runs])) for at in (0, 1)]
        print(f"  {name:<20} F1 {means[name][0]:.4f}  mean IoU {means[name][1]:.4f}")
    write_json(options.json, means)


if __name__ == "__main__":
    main()
