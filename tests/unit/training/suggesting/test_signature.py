import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.training.suggesting.signature import Port, read_clicks, read_picture_input

IMAGE = Port("image", "float32", (1, 3, 1024, 1024))
EMBEDDINGS = Port("image_embeddings", "float32", (1, 256, 64, 64))
CLICKS = [
    EMBEDDINGS,
    Port("point_coords", "float32", (1, None, 2)),
    Port("point_labels", "float32", (1, None)),
    Port("mask_input", "float32", (1, 1, 256, 256)),
    Port("has_mask_input", "float32", (1,)),
    Port("orig_im_size", "float32", (2,)),
]
ANSWERS = [
    Port("masks", "float32", (1, None, None, None)),
    Port("iou_predictions", "float32", (1, None)),
    Port("low_res_masks", "float32", (1, None, 256, 256)),
]


def test_exports_of_sam_are_known() -> None:
    picture = read_picture_input([IMAGE], pixels="auto", what="the encoder")
    assert (picture.layout, picture.height, picture.width, picture.pixels) == ("nchw", 1024, 1024, "sam")
    clicks = read_clicks(CLICKS, ANSWERS, encoder_outputs=[EMBEDDINGS], what="the decoder")
    assert clicks.embeddings == {"image_embeddings": "image_embeddings"}
    assert (clicks.masks, clicks.scores, clicks.low_res) == ("masks", "iou_predictions", "low_res_masks")


@pytest.mark.parametrize(
    ("port", "layout", "pixels"),
    [
        (Port("input_image", "float32", (None, None, 3)), "hwc", "raw"),
        (Port("x", "uint8", (1, 1024, 1024, 3)), "nhwc", "raw"),
        (Port("batched_images", "float32", (1, 3, None, None)), "nchw", "unit"),
    ],
)
def test_other_layouts_are_told_by_shape(port: Port, layout: str, pixels: str) -> None:
    picture = read_picture_input([port], pixels="auto", what="the model")
    assert (picture.layout, picture.pixels) == (layout, pixels)
    assert read_picture_input([port], pixels="unit", what="the model").pixels == "unit"


def test_a_single_embedding_belongs_together_whatever_its_name() -> None:
    other = EMBEDDINGS._replace(name="embeddings")
    clicks = read_clicks(CLICKS, ANSWERS, encoder_outputs=[other], what="the decoder")
    assert clicks.embeddings == {"image_embeddings": "embeddings"}


def test_several_embeddings_are_matched_by_name() -> None:
    more = [Port(name, "float32", (1, 32, 256, 256)) for name in ("high_res_feats_0", "high_res_feats_1")]
    given = [*more, EMBEDDINGS._replace(name="image_embed")]
    wanted = [*more, EMBEDDINGS._replace(name="image_embed"), *CLICKS[1:]]
    clicks = read_clicks(wanted, ANSWERS, encoder_outputs=given, what="the decoder")
    assert set(clicks.embeddings) == {"high_res_feats_0", "high_res_feats_1", "image_embed"}


def test_one_file_without_a_mask_to_mend() -> None:
    inputs = [
        Port("batched_images", "float32", (1, 3, None, None)),
        Port("batched_point_coords", "float32", (1, 1, None, 2)),
        Port("batched_point_labels", "float32", (1, 1, None)),
    ]
    outputs = [
        Port("output_masks", "float32", (1, 1, 3, None, None)),
        Port("iou_predictions", "float32", (1, 1, 3)),
    ]
    clicks = read_clicks(inputs, outputs, encoder_outputs=None, what="the model")
    assert (clicks.embeddings, clicks.mask_input, clicks.size, clicks.low_res) == ({}, None, None, None)


@pytest.mark.parametrize(
    ("inputs", "outputs", "said"),
    [
        (CLICKS[:1] + CLICKS[2:], ANSWERS, "there is no point_coords"),
        (CLICKS, ANSWERS[1:], "there is no masks"),
        ([*CLICKS, Port("task", "int64", (1,))], ANSWERS, "nothing fills task"),
        (CLICKS[1:], ANSWERS, "takes nothing of what the encoder gives"),
    ],
)
def test_what_is_missing_is_said(inputs: list[Port], outputs: list[Port], said: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_clicks(inputs, outputs, encoder_outputs=[EMBEDDINGS], what="the decoder")
    assert any(said in fault.what for fault in caught.value.faults)


def test_a_model_without_a_picture_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"one input for the picture.*tokens \[1, 77\]"):
        read_picture_input([Port("tokens", "int64", (1, 77))], pixels="auto", what="the encoder")
