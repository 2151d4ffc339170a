"""Crowds of honest people who differ: in skill, favourites, pace and care; and offenders put among them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from goldsmith.science.marks import Looks, Marks
from goldsmith.science.simulation import SimulatedAnnotator, simulate_crowd
from goldsmith.science.votes import Votes


class VoteCrowd(NamedTuple):
    """Votes as columns, to be tampered with."""

    task: np.ndarray
    annotator: np.ndarray
    label: np.ndarray
    truth: np.ndarray
    seconds: np.ndarray
    submitted: np.ndarray
    people: int
    labels: int

    def votes(self) -> Votes:
        return Votes.of(
            self.task,
            self.annotator,
            self.label,
            task_count=self.truth.size,
            annotator_count=self.people,
            label_count=self.labels,
        )


def vote_crowd(
    rng: np.random.Generator, *, people: int = 15, tasks: int = 400, labels: int = 4, overlap: int = 5
) -> VoteCrowd:
    """Skills, favourites and difficulties differ; the classes are not equally frequent."""
    truth = rng.choice(labels, tasks, p=rng.dirichlet(np.full(labels, 3.0)))
    who = np.concatenate([rng.permutation(people)[:overlap] for _ in range(tasks)])
    task = np.repeat(np.arange(tasks), overlap)
    skill, hard = rng.uniform(0.6, 0.95, people), rng.beta(1, 6, tasks)
    errors = rng.dirichlet(np.full(labels, 3.0), (people, labels))
    is_right = rng.random(task.size) < np.clip(skill[who] - hard[task] / 2.0, 1.0 / labels, 1.0)
    wrong = (errors[who, truth[task]].cumsum(axis=1) > rng.random(task.size)[:, None]).argmax(axis=1)
    pace, long = rng.normal(0.0, 0.4, people), rng.normal(0.0, 0.5, tasks)
    seconds = np.exp(2.5 + pace[who] + long[task] + rng.normal(0.0, 0.5, task.size))
    seconds[rng.random(task.size) < 0.02] *= 50.0
    return VoteCrowd(
        task,
        who,
        np.where(is_right, truth[task], wrong),
        truth,
        seconds,
        rng.permutation(task.size).astype(float),
        people,
        labels,
    )


class ObjectCrowd(NamedTuple):
    """Marks and looks with their columns."""

    gold: Marks
    marks: Marks
    looks: Looks
    seconds: np.ndarray
    submitted: np.ndarray
    people: int

    def with_marks(self, who: int, draw) -> ObjectCrowd:
        """One person's marks replaced by ``draw(image) -> boxes [k, 4], classes [k]``."""
        image, boxes, classes = [], [], []
        for at in self.looks.image[self.looks.annotator == who].tolist():
            box, label = draw(at)
            image += [at] * len(box)
            boxes.append(np.reshape(box, (-1, 4)))
            classes.append(label)
        others = self.marks.at(np.flatnonzero(self.marks.annotator != who))
        own = Marks.of(
            image=np.array(image, dtype=int),
            annotator=np.full(len(image), who),
            class_index=np.concatenate(classes).astype(int),
            box_xyxy=np.concatenate(boxes),
        )
        return self._replace(marks=others.joined(own))


def object_crowd(
    rng: np.random.Generator, *, people: int = 10, images: int = 150, overlap: int = 3
) -> ObjectCrowd:
    """Street-like images with five objects of three classes each."""
    count = rng.poisson(5, images)
    image = np.repeat(np.arange(images), count)
    corner = rng.uniform(20, 560, (image.size, 2))
    size = np.exp(rng.normal(3.6, 0.5, (image.size, 2)))
    gold = Marks.of(
        image=image,
        annotator=np.zeros(image.size, dtype=int),
        class_index=rng.choice(3, image.size, p=[0.6, 0.3, 0.1]),
        box_xyxy=np.c_[corner, corner + size].clip(0, 640),
    )
    crowd = [
        SimulatedAnnotator(
            miss_rate=rng.beta(2, 12),
            false_alarms_per_image=rng.gamma(1.0, 0.15),
            wrong_class_rate=rng.beta(2, 20),
            shake=rng.uniform(0.02, 0.08),
        )
        for _ in range(people)
    ]
    marks, looks = simulate_crowd(
        rng,
        gold,
        crowd,
        image_count=images,
        class_count=3,
        overlap=overlap,
        width_px=640,
        height_px=640,
    )
    pace, long = rng.normal(0.0, 0.4, people), rng.normal(0.0, 0.3, images)
    usual = 1.5 + 0.6 * np.log1p(count[looks.image]) + pace[looks.annotator] + long[looks.image]
    seconds = np.exp(usual + rng.normal(0.0, 0.4, looks.image.size))
    return ObjectCrowd(gold, marks, looks, seconds, rng.permutation(looks.image.size).astype(float), people)
