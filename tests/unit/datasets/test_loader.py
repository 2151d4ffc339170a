import numpy as np
import pytest

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Mask, PointShape, RotatedBox
from goldsmith.datasets.loader import DatasetReader, open_folder
from goldsmith.datasets.types import Manifest, VersionPolicy
from tests.unit.datasets.samples import ONTOLOGY, entry, png


def reader() -> DatasetReader:
    entries = [entry(i) for i in range(4)]
    media = {e.sha256: png(i) for i, e in enumerate(entries)}
    manifest = Manifest(
        dataset_name="d",
        number=1,
        content_hash="h",
        table_sha256="t",
        item_count=4,
        ontology=ONTOLOGY,
        policy=VersionPolicy(project_ids=["p"]),
        card={},
    )
    return DatasetReader(manifest, entries, read_media=lambda e: media[e.sha256])


def test_samples_are_arrays() -> None:
    data = reader()
    sample = next(data.samples(split="validation"))
    assert data.splits == ["train", "validation"]
    assert sample.image.shape == (30, 40, 3)
    assert sample.image.dtype == np.uint8
    assert sample.boxes_xyxy.tolist() == [[1.25, 2, 10, 12], [0, 0, 5, 5]]
    assert sample.class_index.tolist() == [0, 0]
    assert sample.weights.tolist() == pytest.approx([0.97, 1.0])


def test_other_shapes_are_given_by_their_bounds_and_points_not_at_all() -> None:
    shapes = [
        RotatedBox(center_xy=(20, 15), size_wh=(10, 4), angle_deg=90),
        PointShape(point_xy=(3, 3)),
        Mask(origin_xy=(1, 2), size_wh=(3, 1), runs=[0, 3]),
    ]
    annotations = [
        Annotation(annotation_id=str(i), class_id="car", geometry=shape, score=0.5 + i / 10)
        for i, shape in enumerate(shapes)
    ]
    row = entry(0, labelling=Labelling(annotations=annotations))
    boxes, classes, weights = reader().targets(row)
    assert boxes.tolist() == [[18, 10, 22, 20], [1, 2, 4, 3]]
    assert classes.tolist() == [0, 0]
    assert weights.tolist() == pytest.approx([0.5, 0.7])


@pytest.mark.train
def test_a_torch_dataset_when_torch_is_there() -> None:
    torch = pytest.importorskip("torch")
    data = reader().torch_dataset(split="train")
    assert len(data) == 3
    assert data[0]["image"].shape == (3, 30, 40)
    assert data[0]["boxes_xyxy"].dtype == torch.float32


def test_a_folder_without_a_manifest_is_refused(tmp_path: object) -> None:
    with pytest.raises(InvalidInputError, match=r"manifest\.json"):
        open_folder(str(tmp_path))
