"""COCO numbers against pycocotools, on cases made to hurt."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.detection_metrics import (
    COCO_NUMBERS,
    GoldBoxes,
    PredictedBoxes,
    evaluate_coco,
    tables_from_coco,
)


def pycocotools_eval(dataset: dict[str, Any], results: list[dict[str, Any]]) -> COCOeval:
    with contextlib.redirect_stdout(io.StringIO()):
        gold = COCO()
        gold.dataset = dataset
        gold.createIndex()
        found = gold.loadRes(results)
        evaluation = COCOeval(gold, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def ours(dataset: dict[str, Any], results: list[dict[str, Any]]) -> Any:
    tables = tables_from_coco(dataset, results)
    return evaluate_coco(
        tables.gold, tables.predicted, image_count=len(tables.image_ids), class_count=len(tables.class_ids)
    )


def hard_case(seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Whole-pixel boxes (equal IoUs), tied scores, crowds, empty images, absent classes, unsorted ids."""
    rng = np.random.default_rng(seed)
    images, classes = int(rng.integers(1, 8)), int(rng.integers(1, 4))
    image_ids = rng.permutation(100)[:images].tolist()
    gold_count, found_count = int(rng.integers(0, 30)), int(rng.integers(1, 160))
    side = int(rng.choice([6, 40, 120]))

    def boxes(count: int) -> np.ndarray:
        corner = rng.integers(0, max(side // 3, 2), (count, 2))
        return np.concatenate([corner, rng.integers(side // 2, side, (count, 2))], axis=1).astype(float)

    gold_box = boxes(gold_count)
    annotations = [
        {
            "id": i + 1,
            "image_id": int(rng.choice(image_ids)),
            "category_id": int(rng.integers(1, classes + 1)),
            "bbox": gold_box[i].tolist(),
            "area": float(gold_box[i, 2] * gold_box[i, 3] * rng.choice([0.5, 1.0])),
            "iscrowd": int(rng.random() < 0.15),
        }
        for i in range(gold_count)
    ]
    found_box = boxes(found_count)
    if gold_count:
        copies = rng.random(found_count) < 0.4
        found_box[copies] = gold_box[rng.integers(0, gold_count, int(copies.sum()))]
    results = [
        {
            "image_id": int(rng.choice(image_ids)),
            "category_id": int(rng.integers(1, classes + 1)),
            "bbox": found_box[i].tolist(),
            "score": float(rng.integers(0, 6) / 5),
        }
        for i in range(found_count)
    ]
    dataset = {
        "info": {},
        "images": [{"id": i} for i in image_ids],
        "categories": [{"id": c} for c in range(1, classes + 2)],
        "annotations": annotations,
    }
    return dataset, results


@given(seed=st.integers(0, 100_000))
@settings(max_examples=60, deadline=None)
def test_numbers_curves_and_recalls_equal_pycocotools(seed: int) -> None:
    dataset, results = hard_case(seed)
    reference = pycocotools_eval(dataset, results)
    result = ours(dataset, results)
    np.testing.assert_allclose(result.stats, reference.stats, rtol=0, atol=1e-9)
    # pycocotools: [threshold, recall, class, area, limit]
    precision = np.moveaxis(result.accumulated.precision, (0, 1, 2, 3), (3, 0, 2, 1))
    np.testing.assert_allclose(precision, reference.eval["precision"][..., 2], rtol=0, atol=1e-12)
    recall = np.moveaxis(result.accumulated.recall, 0, 2)
    np.testing.assert_allclose(recall, reference.eval["recall"], rtol=0, atol=1e-12)
    score = np.moveaxis(result.accumulated.score, (0, 1, 2, 3), (3, 0, 2, 1))
    np.testing.assert_allclose(score, reference.eval["scores"][..., 2], rtol=0, atol=1e-12)


def test_more_than_a_hundred_detections_of_one_image_are_cut_to_the_best_hundred() -> None:
    rng = np.random.default_rng(5)
    dataset = {
        "info": {},
        "images": [{"id": 1}],
        "categories": [{"id": 1}],
        "annotations": [
            {
                "id": i + 1,
                "image_id": 1,
                "category_id": 1,
                "bbox": [10.0 * i, 0.0, 9.0, 9.0],
                "area": 81.0,
                "iscrowd": 0,
            }
            for i in range(150)
        ],
    }
    results = [
        {"image_id": 1, "category_id": 1, "bbox": [10.0 * i, 0.0, 9.0, 9.0], "score": float(rng.random())}
        for i in range(150)
    ]
    np.testing.assert_allclose(
        ours(dataset, results).stats, pycocotools_eval(dataset, results).stats, atol=1e-12
    )


def test_annotation_ids_from_zero_do_no_harm() -> None:
    dataset = {
        "images": [{"id": 1}],
        "categories": [{"id": 1}],
        "annotations": [
            {"id": 0, "image_id": 1, "category_id": 1, "bbox": [0, 0, 40, 40], "area": 1600, "iscrowd": 0}
        ],
    }
    results = [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 40, 40], "score": 1.0}]
    assert ours(dataset, results).numbers["ap"] == pytest.approx(1.0)


def test_nothing_found_scores_zero_and_nothing_to_find_scores_minus_one() -> None:
    gold = GoldBoxes.of(image=[0], class_index=[1], box_xywh=[[0, 0, 40, 40]])
    nothing = PredictedBoxes.of(image=[], class_index=[], box_xywh=[], score=[])
    found_nothing = evaluate_coco(gold, nothing, image_count=1, class_count=3)
    assert found_nothing.numbers["ap50"] == 0.0
    assert found_nothing.numbers["ap_small"] == -1.0
    assert found_nothing.class_ap.tolist() == [-1.0, 0.0, -1.0]
    no_gold = GoldBoxes.of(image=[], class_index=[], box_xywh=[])
    assert set(evaluate_coco(no_gold, nothing, image_count=4, class_count=2).stats) == {-1.0}


def test_stray_indices_and_unknown_images_are_refused() -> None:
    gold = GoldBoxes.of(image=[3], class_index=[0], box_xywh=[[0, 0, 4, 4]])
    nothing = PredictedBoxes.of(image=[], class_index=[], box_xywh=[], score=[])
    with pytest.raises(InvalidInputError, match=r"gold\.image"):
        evaluate_coco(gold, nothing, image_count=3, class_count=1)
    with pytest.raises(InvalidInputError, match="such as 9"):
        tables_from_coco(
            {"images": [], "categories": [], "annotations": []},
            [{"image_id": 9, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1.0}],
        )
    with pytest.raises(InvalidInputError, match="negative width"):
        GoldBoxes.of(image=[0], class_index=[0], box_xywh=[[0, 0, -4, 4]])


def test_the_twelve_names_stand_in_pycocotools_order() -> None:
    assert COCO_NUMBERS[0] == "ap"
    assert COCO_NUMBERS[6:9] == ("ar_1", "ar_10", "ar_100")
