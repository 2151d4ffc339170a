"""Real COCO files go through every format and come back whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldsmith.formats import FORMATS, FolderSource, detect_format, get_format, infer_ontology
from tests.unit.formats.made import read, split_up, written

_LEFT_OUT = ("hidden_objects",)  # as others lie on all of their pixels


@pytest.mark.parametrize("folder", ["street-carla", "street-coco"])
def test_real_images_survive_every_format(folder: str, shared_data: Path) -> None:
    source = FolderSource(shared_data / "images" / folder)
    found = detect_format(source)
    assert found is get_format("coco")
    samples, problems = split_up(found.read(source))
    assert problems == []
    assert source.refused == ()
    assert all(sample.media_name for sample in samples)
    ontology = infer_ontology(samples)
    assert all(ontology.faults_of(sample.labelling) == [] for sample in samples)
    for name in FORMATS:
        there, report, _ = written(name, samples, ontology=ontology)
        back, faults = read(there, name)
        assert faults == []
        objects = [sum(len(entry.labelling.annotations) for entry in group) for group in (back, samples)]
        hidden = sum(count for kind, count in report.losses.items() if kind in _LEFT_OUT)
        assert objects == [report.annotations, report.annotations + hidden]
        assert {entry.split for entry in back} == {entry.split for entry in samples}
