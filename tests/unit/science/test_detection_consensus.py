"""Consensus of boxes and polygons: better than the best annotator, calibrated, sensible at the edges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.boxes import overlapping_pairs
from goldsmith.science.calibration import reliability
from goldsmith.science.consensus import (
    DetectionConsensus,
    DetectionSkill,
    expected_missing,
    fit_detection_skill,
    resolve_detections,
)
from goldsmith.science.detection_metrics import GoldBoxes, PredictedBoxes, found_objects, match_once
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.polygons import polygon_iou
from goldsmith.science.simulation import SimulatedAnnotator, simulate_crowd

GOOD = SimulatedAnnotator(0.05, 0.08, 0.02, 0.03)
FAIR = SimulatedAnnotator(0.12, 0.2, 0.05, 0.06)
HASTY = SimulatedAnnotator(0.28, 0.3, 0.08, 0.09)
POOR = SimulatedAnnotator(0.2, 0.8, 0.2, 0.1)
SPAMMER = SimulatedAnnotator(0.7, 2.0, 0.6, 0.2)
ADVERSARY = SimulatedAnnotator(0.5, 1.5, 1.0, 0.05)
WIDTH, HEIGHT = 960, 600


def street(rng: np.random.Generator, *, images: int, classes: int = 4, per_image: float = 5.0) -> Marks:
    """Gold of objects of all sizes that seldom overlap much."""
    image = np.repeat(np.arange(images), rng.poisson(per_image, images))
    size = np.exp(rng.normal(3.4, 0.7, (image.size, 2))).clip(8, 250)
    corner = rng.random((image.size, 2)) * (np.array([WIDTH, HEIGHT]) - size)
    return Marks.of(
        image=image,
        annotator=np.zeros(image.size, dtype=int),
        class_index=rng.integers(0, classes, image.size),
        box_xyxy=np.concatenate([corner, corner + size], axis=1),
    )


def annotate(
    rng: np.random.Generator,
    gold: Marks,
    people: list[SimulatedAnnotator],
    *,
    images: int,
    overlap: int,
    classes: int = 4,
) -> tuple[Marks, Looks]:
    return simulate_crowd(
        rng,
        gold,
        people,
        image_count=images,
        class_count=classes,
        overlap=overlap,
        width_px=WIDTH,
        height_px=HEIGHT,
    )


def boxes_of(gold: Marks, at: np.ndarray | slice = slice(None)) -> GoldBoxes:
    return GoldBoxes.from_xyxy(
        image=gold.image[at], class_index=gold.class_index[at], box_xyxy=gold.box_xyxy[at]
    )


def consensus_f1(consensus: DetectionConsensus, gold: Marks, *, images: int, classes: int) -> float:
    found = PredictedBoxes.from_xyxy(
        image=consensus.image,
        class_index=consensus.class_index,
        box_xyxy=consensus.box_xyxy,
        score=consensus.posterior,
    )
    return found_objects(boxes_of(gold), found, image_count=images, class_count=classes, min_score=0.5).f1


def resolved(
    marks: Marks,
    looks: Looks,
    *,
    people: int,
    classes: int = 4,
    gold: Marks | None = None,
    gold_images: int = 0,
) -> DetectionConsensus:
    skill = fit_detection_skill(
        marks,
        looks,
        annotator_count=people,
        class_count=classes,
        gold=gold,
        gold_images=np.arange(gold_images),
    )
    return resolve_detections(marks, looks, skill=skill)


def right_of(consensus: DetectionConsensus, gold: Marks) -> np.ndarray:
    """Whether each object finds a gold object of its class at IoU 0.5."""
    found = PredictedBoxes.from_xyxy(
        image=consensus.image,
        class_index=consensus.class_index,
        box_xyxy=consensus.box_xyxy,
        score=consensus.posterior,
    )
    match = match_once(boxes_of(gold), found, image_count=1000, class_count=10)
    return match.gold_of >= 0


def best_single_f1(marks: Marks, looks: Looks, gold: Marks, *, people: int) -> float:
    """F1 of the best annotator on the images they looked at."""
    scores = []
    for who in range(people):
        mine, seen = marks.annotator == who, np.isin(gold.image, looks.image[looks.annotator == who])
        drawn = PredictedBoxes.from_xyxy(
            image=marks.image[mine],
            class_index=marks.class_index[mine],
            box_xyxy=marks.box_xyxy[mine],
            score=np.ones(int(mine.sum())),
        )
        scores.append(found_objects(boxes_of(gold, seen), drawn, image_count=1000, class_count=10).f1)
    return max(scores)


@pytest.mark.parametrize(
    "people",
    [[GOOD, FAIR, HASTY], [GOOD, FAIR, HASTY, POOR, FAIR], [FAIR, HASTY, SPAMMER, FAIR]],
    ids=["three", "five", "with a spammer"],
)
def test_three_annotators_an_image_beat_the_best_of_them_and_the_posterior_is_calibrated(
    people: list[SimulatedAnnotator],
) -> None:
    rng = np.random.default_rng(3)
    gold = street(rng, images=250)
    marks, looks = annotate(rng, gold, people, images=250, overlap=3)
    consensus = resolved(marks, looks, people=len(people))
    best = best_single_f1(marks, looks, gold, people=len(people))
    assert consensus_f1(consensus, gold, images=250, classes=4) > best
    assert reliability(consensus.posterior, right_of(consensus, gold)).calibration_error < 0.05


def test_real_street_gold_with_simulated_annotators(shared_data: Path) -> None:
    folder = shared_data / "images" / "street-carla"
    if not folder.is_dir():
        pytest.skip("street-carla is not among the real data")
    dataset = json.loads((folder / "train.coco.json").read_text())
    place = {image["id"]: i for i, image in enumerate(dataset["images"])}
    box = np.array([a["bbox"] for a in dataset["annotations"]])
    gold = Marks.of(
        image=[place[a["image_id"]] for a in dataset["annotations"]],
        annotator=np.zeros(len(box), dtype=int),
        class_index=[a["category_id"] - 1 for a in dataset["annotations"]],
        box_xyxy=np.concatenate([box[:, :2], box[:, :2] + box[:, 2:]], axis=1),
    )
    people = [GOOD, FAIR, HASTY]
    marks, looks = annotate(np.random.default_rng(1), gold, people, images=len(place), overlap=3, classes=5)
    consensus = resolved(marks, looks, people=3, classes=5)
    best = best_single_f1(marks, looks, gold, people=3)
    assert consensus_f1(consensus, gold, images=len(place), classes=5) > best
    assert reliability(consensus.posterior, right_of(consensus, gold)).calibration_error < 0.06


def test_gold_teaches_what_the_crowd_cannot_know() -> None:
    """Two of three share a class error; only gold can tell who is right."""
    rng = np.random.default_rng(8)
    gold = street(rng, images=120, classes=3)
    marks, looks = annotate(rng, gold, [GOOD, GOOD, GOOD], images=120, overlap=3, classes=3)
    confused = marks.class_index.copy()
    confused[(marks.annotator < 2) & (confused == 1)] = 2
    marks = Marks(marks.image, marks.annotator, confused, marks.box_xyxy)
    misled = resolved(marks, looks, people=3, classes=3)
    taught = resolved(marks, looks, people=3, classes=3, gold=gold, gold_images=30)
    later = taught.image >= 30
    assert right_of(taught, gold)[later].mean() > right_of(misled, gold)[later].mean() + 0.2


def test_numbering_of_annotators_and_order_of_marks_do_not_matter() -> None:
    rng = np.random.default_rng(5)
    gold = street(rng, images=40)
    marks, looks = annotate(rng, gold, [GOOD, FAIR, HASTY], images=40, overlap=3)
    names, order = np.array([2, 0, 1]), rng.permutation(len(marks))
    other = Marks(
        marks.image[order], names[marks.annotator[order]], marks.class_index[order], marks.box_xyxy[order]
    )
    one = resolved(marks, looks, people=3)
    two = resolved(other, Looks.of(image=looks.image, annotator=names[looks.annotator]), people=3)
    np.testing.assert_allclose(one.posterior, two.posterior, atol=1e-9)
    np.testing.assert_allclose(one.box_xyxy, two.box_xyxy, atol=1e-6)
    np.testing.assert_array_equal(one.object_of_mark[order], two.object_of_mark)


def test_names_of_classes_do_not_matter() -> None:
    rng = np.random.default_rng(6)
    gold = street(rng, images=40)
    marks, looks = annotate(rng, gold, [GOOD, FAIR, HASTY], images=40, overlap=3)
    names = np.array([3, 1, 0, 2])
    one = resolved(marks, looks, people=3)
    two = resolved(
        Marks(marks.image, marks.annotator, names[marks.class_index], marks.box_xyxy), looks, people=3
    )
    best_one, best_two = (c.class_posterior.max(axis=1) for c in (one, two))
    np.testing.assert_allclose(np.sort(one.posterior), np.sort(two.posterior), atol=1e-9)
    np.testing.assert_allclose(np.sort(best_one), np.sort(best_two), atol=1e-9)


def test_one_image_resolved_with_kept_skill_is_as_in_the_whole() -> None:
    rng = np.random.default_rng(4)
    gold = street(rng, images=60)
    marks, looks = annotate(rng, gold, [GOOD, FAIR, HASTY], images=60, overlap=3)
    skill = fit_detection_skill(marks, looks, annotator_count=3, class_count=4)
    whole = resolve_detections(marks, looks, skill=skill)
    at, look = marks.image == 7, looks.image == 7
    alone = resolve_detections(
        Marks(marks.image[at], marks.annotator[at], marks.class_index[at], marks.box_xyxy[at]),
        Looks(looks.image[look], looks.annotator[look]),
        skill=skill,
    )
    np.testing.assert_allclose(alone.posterior, whole.posterior[whole.image == 7], atol=1e-12)
    np.testing.assert_allclose(alone.box_xyxy, whole.box_xyxy[whole.image == 7], atol=1e-9)


def test_an_annotator_nobody_knows_is_judged_like_the_crowd() -> None:
    rng = np.random.default_rng(4)
    gold = street(rng, images=60)
    marks, looks = annotate(rng, gold, [GOOD, FAIR], images=60, overlap=2)
    skill = fit_detection_skill(marks, looks, annotator_count=2, class_count=4)
    stranger = Marks.of(image=[0], annotator=[9], class_index=[1], box_xyxy=[[10, 10, 60, 60]])
    lone = resolve_detections(stranger, Looks.of(image=[], annotator=[]), skill=skill)
    assert 0.5 < lone.posterior[0] < 0.97
    assert lone.onlookers.tolist() == [1]


def test_one_annotator_alone_is_believed_as_the_prior_says() -> None:
    rng = np.random.default_rng(2)
    gold = street(rng, images=50)
    marks, looks = annotate(rng, gold, [HASTY], images=50, overlap=1)
    consensus = resolved(marks, looks, people=1)
    assert consensus.existence.mean() == pytest.approx(0.9, abs=0.05)
    assert 0.6 < consensus.posterior.mean() < 0.95


def test_silence_of_good_people_makes_a_lone_mark_doubtful() -> None:
    rng = np.random.default_rng(2)
    gold = street(rng, images=100)
    marks, looks = annotate(rng, gold, [GOOD, GOOD, SPAMMER], images=100, overlap=3)
    consensus = resolved(marks, looks, people=3)
    lone = consensus.support == 1
    spammed = np.zeros(len(consensus), dtype=bool)
    spammed[consensus.object_of_mark[marks.annotator == 2]] = True
    assert consensus.posterior[lone & spammed].mean() < 0.15
    assert consensus.posterior[consensus.support == 3].mean() > 0.95


def test_nothing_marked_and_nobody_looking() -> None:
    nothing = Marks.of(image=[], annotator=[], class_index=[], box_xyxy=[])
    looks = Looks.of(image=[0, 1, 1], annotator=[0, 0, 1])
    skill = fit_detection_skill(nothing, looks, annotator_count=2, class_count=3)
    consensus = resolve_detections(nothing, looks, skill=skill)
    assert len(consensus) == 0
    assert consensus.class_posterior.shape == (0, 3)
    assert np.isfinite(skill.rates.detection).all()
    assert np.isfinite(expected_missing(consensus, looks, skill=skill, image_count=2)).all()


def test_all_agree_is_nearly_sure_and_never_certain() -> None:
    gold = street(np.random.default_rng(1), images=30)
    image = np.tile(gold.image, 3)
    who = np.repeat(np.arange(3), len(gold))
    marks = Marks.of(
        image=image,
        annotator=who,
        class_index=np.tile(gold.class_index, 3),
        box_xyxy=np.tile(gold.box_xyxy, (3, 1)),
    )
    looks = Looks.of(image=np.tile(np.arange(30), 3), annotator=np.repeat(np.arange(3), 30))
    consensus = resolved(marks, looks, people=3)
    assert len(consensus) == len(gold)
    assert consensus.posterior.min() > 0.97
    assert consensus.posterior.max() < 1.0
    np.testing.assert_allclose(
        consensus.box_xyxy[np.lexsort(consensus.box_xyxy.T)],
        gold.box_xyxy[np.lexsort(gold.box_xyxy.T)],
        atol=1e-9,
    )


def test_the_adversary_is_outvoted() -> None:
    """Marks what is not there, calls things by the wrong class, never what is there."""
    rng = np.random.default_rng(12)
    gold = street(rng, images=80)
    marks, looks = annotate(rng, gold, [FAIR, FAIR, ADVERSARY], images=80, overlap=3)
    consensus = resolved(marks, looks, people=3)
    assert consensus_f1(consensus, gold, images=80, classes=4) > 0.85
    assert consensus.posterior[~right_of(consensus, gold)].mean() < 0.35


def test_merged_boxes_are_nearer_to_the_truth_than_any_single_ones() -> None:
    rng = np.random.default_rng(9)
    gold = street(rng, images=60)
    marks, looks = annotate(rng, gold, [GOOD, FAIR, HASTY], images=60, overlap=3)
    consensus = resolved(marks, looks, people=3)
    skill = fit_detection_skill(marks, looks, annotator_count=3, class_count=4)
    assert skill.corners.noise[0] < skill.corners.noise[1] < skill.corners.noise[2]
    full = consensus.support == 3
    assert consensus.side_sd[full].mean() < consensus.side_sd[consensus.support == 1].mean()


def test_polygons_are_merged_and_mixed_kinds_go_by_trust() -> None:
    circle = np.linspace(0, 2 * np.pi, 40, endpoint=False)

    def disc(radius: float, shift: float) -> list[np.ndarray]:
        return [np.stack([50 + shift + radius * np.cos(circle), 50 + radius * np.sin(circle)], axis=1)]

    marks = Marks.of(
        image=[0, 0, 0, 1, 1, 1],
        annotator=[0, 1, 2, 0, 1, 2],
        class_index=np.zeros(6, dtype=int),
        box_xyxy=[[0, 0, 0, 0]] * 3 + [[0, 0, 0, 0], [30, 30, 70, 70], [31, 30, 70, 70]],
        rings=[disc(20, 0), disc(22, 1), disc(18, -1), disc(20, 0), None, None],
    )
    consensus = resolved(marks, Looks.of(image=[], annotator=[]), people=3, classes=1)
    assert consensus.rings is not None
    assert consensus.rings[0] is not None
    assert consensus.rings[1] is None
    assert polygon_iou(consensus.rings[0], disc(20, 0)) > 0.97
    assert consensus.box_xyxy[0] == pytest.approx([30, 30, 70, 70], abs=1.0)


def test_indices_out_of_range_are_refused() -> None:
    marks = Marks.of(image=[0], annotator=[3], class_index=[0], box_xyxy=[[0, 0, 4, 4]])
    looks = Looks.of(image=[0], annotator=[0])
    with pytest.raises(InvalidInputError, match=r"marks\.annotator"):
        fit_detection_skill(marks, looks, annotator_count=3, class_count=1)


def test_skill_survives_being_kept_as_lists() -> None:
    rng = np.random.default_rng(4)
    gold = street(rng, images=20)
    marks, looks = annotate(rng, gold, [GOOD, FAIR], images=20, overlap=2)
    skill = fit_detection_skill(marks, looks, annotator_count=2, class_count=4)
    again = DetectionSkill.from_lists(json.loads(json.dumps(skill.as_lists())))
    one, two = (resolve_detections(marks, looks, skill=s) for s in (skill, again))
    np.testing.assert_array_equal(one.posterior, two.posterior)
    with pytest.raises(InvalidInputError, match="not a kept detection skill"):
        DetectionSkill.from_lists({"detection": [[0.5]]})


def test_what_nobody_marked_is_expected_in_number() -> None:
    rng = np.random.default_rng(15)
    gold = street(rng, images=200)
    marks, looks = annotate(rng, gold, [HASTY, HASTY, HASTY], images=200, overlap=2)
    skill = fit_detection_skill(marks, looks, annotator_count=3, class_count=4)
    consensus = resolve_detections(marks, looks, skill=skill)
    expected = expected_missing(consensus, looks, skill=skill, image_count=201)
    group = np.concatenate([gold.image, marks.image])
    first, second, _ = overlapping_pairs(group, np.concatenate([gold.box_xyxy, marks.box_xyxy]), min_iou=0.25)
    unseen = len(gold) - np.unique(first[(first < len(gold)) & (second >= len(gold))]).size
    assert unseen > 20
    assert expected[:200].sum() == pytest.approx(unseen, rel=0.5)
    assert expected[200] > 2.0  # nobody looked at it


def test_shapes_can_be_left_out() -> None:
    ring = np.array([[0.0, 0], [40, 0], [20, 30]])
    marks = Marks.of(
        image=[0, 0],
        annotator=[0, 1],
        class_index=[0, 0],
        box_xyxy=np.zeros((2, 4)),
        rings=[[ring], [ring + 1]],
    )
    looks = Looks.of(image=[], annotator=[])
    skill = fit_detection_skill(marks, looks, annotator_count=2, class_count=1)
    assert resolve_detections(marks, looks, skill=skill).rings is not None
    boxes = resolve_detections(marks, looks, skill=skill, with_shapes=False)
    assert boxes.rings is None
    assert boxes.box_xyxy[0] == pytest.approx([0.5, 0.5, 40.5, 30.5], abs=0.6)


def moved(marks: Marks, looks: Looks, *, images: int, people: int) -> tuple[Marks, Looks]:
    """The same again, on other images and by other people."""
    again = marks.at(np.arange(len(marks)), image=marks.image + images, annotator=marks.annotator + people)
    return again, Looks.of(image=looks.image + images, annotator=looks.annotator + people)


@pytest.mark.parametrize(
    "people", [0, 3], ids=["by the same people", "by others, whom nobody shares an image with"]
)
def test_the_same_images_twice_say_the_same_twice_and_what_they_said_once(people: int) -> None:
    rng = np.random.default_rng(21)
    gold = street(rng, images=60)
    marks, looks = annotate(rng, gold, [GOOD, FAIR, HASTY], images=60, overlap=3)
    again, later = moved(marks, looks, images=60, people=people)
    both = Looks.of(image=np.r_[looks.image, later.image], annotator=np.r_[looks.annotator, later.annotator])
    twice = resolved(marks.joined(again), both, people=3 + people)
    once = resolved(marks, looks, people=3)
    first, second = twice.image < 60, twice.image >= 60
    np.testing.assert_allclose(twice.posterior[first], twice.posterior[second], atol=1e-9)
    np.testing.assert_allclose(twice.box_xyxy[first], twice.box_xyxy[second], atol=1e-6)
    kept_once, kept_twice = once.posterior >= 0.5, twice.posterior[first] >= 0.5
    assert (kept_once == kept_twice).mean() > 0.97
    assert (once.class_index == twice.class_index[first]).mean() > 0.99


def test_with_one_class_there_is_nothing_to_doubt_but_existence() -> None:
    rng = np.random.default_rng(22)
    gold = street(rng, images=40, classes=1)
    marks, looks = annotate(rng, gold, [GOOD, FAIR, HASTY], images=40, overlap=3, classes=1)
    consensus = resolved(marks, looks, people=3, classes=1)
    assert (consensus.class_posterior == 1.0).all()
    np.testing.assert_allclose(consensus.posterior, consensus.existence)
    assert consensus_f1(consensus, gold, images=40, classes=1) > 0.9
