"""Click segmentation by real ONNX models that segment by colour."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry.raster import pixels_in_image
from goldsmith.training.suggesting.adding import SegmenterFiles, check_segmenter
from goldsmith.training.suggesting.segmenter import Click, Prompt, Segmenter
from tests.integration.training import small_models

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

ON, OFF = (240.0, 200.0), (20.0, 20.0)


def scene(width: int = 600, height: int = 400) -> tuple[Image.Image, np.ndarray]:
    """Two red discs and a blue square on green, and the pixels of the first disc."""
    image = Image.new("RGB", (width, height), (30, 130, 40))
    draw = ImageDraw.Draw(image)
    draw.ellipse((160, 120, 320, 280), fill=(220, 30, 30))
    draw.rectangle((400, 100, 500, 200), fill=(30, 40, 220))
    rows, columns = np.mgrid[0:height, 0:width]
    truth = (columns + 0.5 - 240) ** 2 + (rows + 0.5 - 200) ** 2 < 80**2
    return image, truth


def iou(found: np.ndarray, truth: np.ndarray) -> float:
    return float((found & truth).sum() / (found | truth).sum())


@pytest.mark.parametrize("is_pair", [True, False])
def test_a_click_finds_the_object_at_the_size_of_the_picture(is_pair: bool, tmp_path: Path) -> None:
    if is_pair:
        segmenter = Segmenter(*small_models.pair(tmp_path), pixels="unit")
    else:
        segmenter = Segmenter(small_models.write(small_models.ONE_FILE, tmp_path / "one.onnx"), None)
    image, truth = scene()
    found = segmenter.segment(segmenter.embed(image), Prompt((Click(*ON, True),)))
    assert found.mask is not None
    pixels = pixels_in_image(found.mask, width_px=600, height_px=400)
    assert iou(pixels, truth) > 0.9  # the model sees the picture at 64 x 43
    assert found.score == pytest.approx(0.5 if is_pair else 0.9)


def test_tall_pictures_lie_in_the_other_half_of_the_input(tmp_path: Path) -> None:
    segmenter = Segmenter(*small_models.pair(tmp_path), pixels="unit")
    image, truth = scene()
    turned = image.transpose(Image.Transpose.TRANSPOSE)
    found = segmenter.segment(segmenter.embed(turned), Prompt((Click(ON[1], ON[0], True),)))
    assert found.mask is not None
    assert iou(pixels_in_image(found.mask, width_px=400, height_px=600), truth.T) > 0.9


def test_a_click_on_the_ground_takes_it_away_and_the_last_mask_goes_in(tmp_path: Path) -> None:
    segmenter = Segmenter(*small_models.pair(tmp_path), pixels="unit")
    image, truth = scene()
    embedding = segmenter.embed(image)
    blue, red = Click(450.0, 150.0, True), Click(*ON, True)
    both = segmenter.segment(embedding, Prompt((blue, red)))
    assert both.mask is not None
    assert both.mask.bounds_xyxy()[2] > 480
    less = segmenter.segment(embedding, Prompt((red, blue._replace(is_object=False))), low_res=both.low_res)
    assert less.mask is not None
    assert iou(pixels_in_image(less.mask, width_px=600, height_px=400), truth) > 0.9
    assert less.score == pytest.approx(0.75), "the mask of before went in"


def test_nothing_found_is_no_mask(tmp_path: Path) -> None:
    segmenter = Segmenter(*small_models.pair(tmp_path), pixels="unit")
    image, _ = scene()
    found = segmenter.segment(segmenter.embed(image), Prompt((Click(*OFF, False),)))
    assert found.mask is None


def test_what_is_no_such_model_is_refused_with_its_reason(tmp_path: Path) -> None:
    encoder, decoder = small_models.pair(tmp_path)
    other = small_models.write(small_models.CLASSIFIER, tmp_path / "other.onnx")
    for files, said in (
        (SegmenterFiles(decoder, encoder, "auto"), "were the files exchanged"),
        (SegmenterFiles(other, None, "auto"), "one input for the picture"),
        (SegmenterFiles(encoder, other, "auto"), "point_coords"),
        (SegmenterFiles(encoder, None, "auto"), "point_coords"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            check_segmenter(files)
    empty = tmp_path / "empty.onnx"
    empty.write_bytes(b"")
    with pytest.raises(InvalidInputError, match="empty"):
        check_segmenter(SegmenterFiles(encoder, empty, "auto"))


def test_a_model_that_fails_on_a_picture_is_refused(tmp_path: Path) -> None:
    encoder, _ = small_models.pair(tmp_path)
    text = small_models.DECODER.replace("int64[2] {-1, 2}", "int64[2] {-1, 7}")
    broken = small_models.write(text, tmp_path / "broken.onnx")
    with pytest.raises(InvalidInputError, match="fails on a first picture"):
        check_segmenter(SegmenterFiles(encoder, broken, "unit"))
