"""Boxes spoilt on purpose are found, each with the reason it was spoilt by."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.label_errors import Suspicion, detection_label_errors
from goldsmith.science.marks import Marks


def marks_of(rows) -> Marks:
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    return Marks.of(
        image=table[:, 0].astype(int),
        annotator=np.zeros(len(table), dtype=int),
        class_index=table[:, 1].astype(int),
        box_xyxy=table[:, 2:],
    )


def grid(images: int, *, classes: int = 3):
    """Nine places an image, each with an object."""
    return [
        (image, place % classes, x, y, x + 40, y + 40)
        for image in range(images)
        for place in range(9)
        for x, y in [(100.0 * (place % 3), 100.0 * (place // 3))]
    ]


def make_scene(rng: np.random.Generator, images: int = 60):
    """A detector that finds 90 %, sometimes where nothing is; labels of which one in twelve is spoilt."""
    truth = np.array(grid(images))
    labels, reasons, overlooked = [], [], []
    for i, (image, true_class, *box) in enumerate(truth.tolist()):
        drawn = np.array(box) + rng.normal(0, 1.0, 4)
        reason = int(rng.integers(0, 4)) if rng.random() < 1 / 12 else -1
        if reason == Suspicion.OVERLOOKED:
            overlooked.append(i)
            continue
        label = (true_class + (reason == Suspicion.WRONG_CLASS)) % 3
        if reason == Suspicion.BADLY_LOCATED:
            drawn = drawn + rng.choice([-15.0, 15.0], 2)[[0, 1, 0, 1]]
        labels.append((image, label, *drawn))
        reasons.append(reason)
        if reason == Suspicion.MARKED_TWICE:
            labels.append((image, label, *(drawn + rng.normal(0, 0.5, 4))))
            reasons.append(reason)
    found = np.flatnonzero(rng.random(len(truth)) < 0.9)
    seen = truth[found].copy()
    seen[:, 2:] += rng.normal(0, 2.0, (len(found), 4))
    ghosts = np.array([(image, 0, 60.0, 60.0, 90.0, 90.0) for image in range(images) if rng.random() < 0.3])
    score = np.r_[rng.beta(6, 2, len(found)), rng.beta(2, 5, len(ghosts))]
    return marks_of(labels), np.array(reasons), marks_of([*seen, *ghosts]), score, found, overlooked


def test_what_was_spoilt_is_found_with_its_reason() -> None:
    for seed in range(3):
        labels, reasons, seen, score, found, overlooked = make_scene(np.random.default_rng(seed))
        told = detection_label_errors(labels, seen, score, image_count=60, class_count=3)
        kind_of = np.full(len(labels), -1)
        kind_of[told.label[told.label >= 0]] = told.kind[told.label >= 0]
        for reason in (Suspicion.BADLY_LOCATED, Suspicion.WRONG_CLASS, Suspicion.MARKED_TWICE):
            spoilt = reasons == reason
            # of two on the same object one is told to go
            share = 0.35 if reason == Suspicion.MARKED_TWICE else 0.6
            assert (kind_of[spoilt] == reason).mean() > share, reason
        missing = set(np.flatnonzero(np.isin(found, overlooked)).tolist())
        named = set(told.prediction[told.kind == Suspicion.OVERLOOKED].tolist())
        assert len(missing & named) >= 0.8 * len(missing)
        first = [
            row in missing if label < 0 else reasons[label] >= 0
            for label, row in zip(told.label[:25].tolist(), told.prediction[:25].tolist(), strict=True)
        ]
        assert np.mean(first) > 0.85


def test_a_detector_that_is_sure_of_everything_is_trusted_as_it_deserves() -> None:
    labels = marks_of(grid(20))
    seen = marks_of([*grid(20), *((image, 0, 60, 60, 90, 90) for image in range(20) for _ in range(9))])
    told = detection_label_errors(labels, seen, np.full(len(seen), 0.99), image_count=20, class_count=3)
    assert told.trust == pytest.approx(np.full(len(seen), 0.5), abs=0.02)
    graded = np.r_[np.full(180, 0.9), np.full(180, 0.3)]
    told = detection_label_errors(labels, seen, graded, image_count=20, class_count=3)
    assert told.trust[0] > 0.99
    assert told.trust[-1] < 0.01
    assert len(told) == 0


def test_reasons_by_hand() -> None:
    usual = grid(30)
    labels = [row for i, row in enumerate(usual) if i not in (0, 1)]
    labels[0] = (labels[0][0], (labels[0][1] + 1) % 3, *labels[0][2:])  # place 2 of image 0
    labels[1] = (*labels[1][:2], labels[1][2] + 18, *labels[1][3:])  # place 3: its left side
    labels += [labels[5], (29, 0, 300, 300, 340, 340)]  # place 7 twice, and one where nothing is
    seen = [row for i, row in enumerate(usual) if i != 1]
    told = detection_label_errors(
        marks_of(labels), marks_of(seen), np.full(len(seen), 0.9), image_count=30, class_count=3
    )
    rows = {(Suspicion(k), int(label)) for k, label in zip(told.kind, told.label, strict=True)}
    assert rows == {
        (Suspicion.OVERLOOKED, -1),
        (Suspicion.WRONG_CLASS, 0),
        (Suspicion.BADLY_LOCATED, 1),
        (Suspicion.MARKED_TWICE, len(labels) - 2),
        (Suspicion.UNSUPPORTED, len(labels) - 1),
    }
    wrong = told.kind.tolist().index(Suspicion.WRONG_CLASS)
    assert told.suggested_class[wrong] == usual[2][1]
    assert told.overlap[wrong] == pytest.approx(1.0)
    moved = told.kind.tolist().index(Suspicion.BADLY_LOCATED)
    assert told.overlap[moved] == pytest.approx(22 / 40)
    assert (np.diff(told.score) <= 1e-12).all()
    assert told.image_score[0] > told.image_score[29] > told.image_score[1] == 0.0


def test_order_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    labels, _, seen, score, _, _ = make_scene(rng, images=20)
    one, other = rng.permutation(len(labels)), rng.permutation(len(seen))
    plain = detection_label_errors(labels, seen, score, image_count=20, class_count=3)
    again = detection_label_errors(
        labels.at(one), seen.at(other), score[other], image_count=20, class_count=3
    )
    assert again.score == pytest.approx(plain.score)
    assert again.image_score == pytest.approx(plain.image_score)
    at = {
        (int(k), int(one[row])) for k, row in zip(again.kind, again.label, strict=True) if row >= 0 and k != 3
    }
    assert at == {
        (int(k), int(row)) for k, row in zip(plain.kind, plain.label, strict=True) if row >= 0 and k != 3
    }


def test_answers_sensibly_where_there_is_little() -> None:
    nothing, one = marks_of([]), marks_of([(0, 0, 0, 0, 9, 9)])
    for labels, seen in ((nothing, nothing), (one, one)):
        told = detection_label_errors(labels, seen, np.full(len(seen), 0.9), image_count=2, class_count=1)
        assert len(told) == 0
        assert told.image_score.tolist() == [0.0, 0.0]
    told = detection_label_errors(one, nothing, [], image_count=1, class_count=1)
    assert len(told) == 0
    told = detection_label_errors(nothing, one, [0.9], image_count=1, class_count=1)
    assert told.kind.tolist() == [Suspicion.OVERLOOKED]
    assert 0.0 < told.score[0] < 0.5


def test_wrong_input_is_refused() -> None:
    one = marks_of([(3, 0, 0, 0, 9, 9)])
    with pytest.raises(InvalidInputError, match=r"labels\.image"):
        detection_label_errors(one, marks_of([]), [], image_count=2, class_count=1)
    with pytest.raises(InvalidInputError, match="score"):
        detection_label_errors(marks_of([]), one, [], image_count=4, class_count=1)
