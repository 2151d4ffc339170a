"""Samples and the picture cache."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from goldsmith.core.errors import CorruptMediaError, InvalidInputError
from goldsmith.training.detector.data import ImageCache, TrainingSample, fingerprint
from tests.unit.training.detector.pictures import encode, rectangles, sample_of


def test_arrays_of_unequal_length_are_refused():
    with pytest.raises(InvalidInputError, match="differ in length"):
        TrainingSample(b"", 4, 4, np.zeros((2, 4), np.float32), np.zeros(1, np.int64), np.ones(2, np.float32))


def test_the_cache_reads_each_picture_once_and_keeps_to_its_size():
    reads = []

    def read() -> bytes:
        reads.append(1)
        return encode(Image.new("RGB", (40, 20)))

    sample = dataclasses.replace(sample_of(Image.new("RGB", (40, 20)), []), image=read)
    cache = ImageCache([sample], longest_px=10)
    assert cache.get(0).size == (10, 5)
    assert cache.get(0) is cache.get(0)
    assert len(reads) == 1
    frugal = ImageCache([sample], longest_px=10, capacity_bytes=0)
    assert frugal.get(0) is not frugal.get(0)


def test_broken_and_wrongly_announced_pictures_are_named():
    good = sample_of(Image.new("RGB", (8, 8)), [], name="a.png")
    with pytest.raises(CorruptMediaError, match=r"a\.png cannot be decoded"):
        ImageCache([dataclasses.replace(good, image=b"no picture")], longest_px=8).get(0)
    with pytest.raises(CorruptMediaError, match="8x8 but was announced as 9x8"):
        ImageCache([dataclasses.replace(good, width=9)], longest_px=8).get(0)


def test_the_fingerprint_sees_boxes_classes_weights_and_names():
    sample = rectangles(1)
    prints = {
        fingerprint([sample], class_names=["a", "b"]),
        fingerprint([sample], class_names=["a", "c"]),
        fingerprint([dataclasses.replace(sample, boxes_xyxy=sample.boxes_xyxy + 1)], class_names=["a", "b"]),
        fingerprint(
            [dataclasses.replace(sample, class_index=1 - sample.class_index)], class_names=["a", "b"]
        ),
        fingerprint([dataclasses.replace(sample, weight=sample.weight / 2)], class_names=["a", "b"]),
        fingerprint([dataclasses.replace(sample, name="other")], class_names=["a", "b"]),
    }
    assert len(prints) == 6
    assert fingerprint([rectangles(1)], class_names=["a", "b"]) in prints
