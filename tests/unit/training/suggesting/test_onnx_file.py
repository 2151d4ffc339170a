"""The reader of ONNX files, against files that the ONNX library writes."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.training.suggesting.onnx_file import OnnxFacts, check_facts, read_facts

onnx = pytest.importorskip("onnx")

SMALL = """
<ir_version: 8, opset_import: ["": 17, "com.microsoft": 1]>
small (float[N] x) => (float[N] y) <float[2] w = {1.0, 2.0}> { y = Add (x, w) }
"""
NESTED = """
<ir_version: 8, opset_import: ["": 17]>
nested (bool c, float[2] x) => (float[2] y)
{
    y = If (c) <
        then_branch = a () => (float[2] p) { w = Constant <value = float[2] {1.0, 2.0}> () p = Add (x, w) },
        else_branch = b () => (float[2] q) { q = Identity (x) }
    >
}
"""


def written(model: object, folder: Path) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())  # type: ignore[attr-defined]
    return path


def test_facts_are_those_of_the_library(tmp_path: Path) -> None:
    facts = read_facts(written(onnx.parser.parse_model(SMALL), tmp_path))
    assert facts == OnnxFacts(8, {"": 17, "com.microsoft": 1}, has_external_data=False)
    check_facts(facts, what="the model")


def test_weights_in_other_files_are_found_at_any_depth(tmp_path: Path) -> None:
    model = onnx.parser.parse_model(SMALL)
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    assert read_facts(written(model, tmp_path)).has_external_data
    nested = onnx.parser.parse_model(NESTED)
    assert not read_facts(written(nested, tmp_path)).has_external_data
    inner = nested.graph.node[0].attribute[0].g.node[0].attribute[0].t
    inner.data_location = onnx.TensorProto.EXTERNAL
    facts = read_facts(written(nested, tmp_path))
    with pytest.raises(InvalidInputError, match="weights in other files"):
        check_facts(facts, what="the model")


def test_large_weights_are_stepped_over(tmp_path: Path) -> None:
    model = onnx.parser.parse_model(SMALL)
    model.graph.initializer.append(
        onnx.numpy_helper.from_array(np.zeros(3_000_000, dtype=np.float32), "large")
    )
    assert read_facts(written(model, tmp_path)).ir_version == 8


@pytest.mark.parametrize(
    ("opsets", "said"),
    [({"": 8}, "opset 8"), ({"": 17, "my.ops": 1}, "my.ops"), ({"ai.onnx.ml": 3}, "opset 0")],
)
def test_what_cannot_be_run_is_refused(opsets: dict[str, int], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        check_facts(OnnxFacts(8, opsets, has_external_data=False), what="the model")


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n", b"<html>", b"\x00" * 100, b"\x08\x08", b"\xff" * 64, b"PK\x03\x04zip"],
)
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match="not an ONNX model"):
        read_facts(path)


@given(st.integers(0, 4000), st.binary(max_size=8))
def test_damaged_files_end_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, at: int, bytes_: bytes
) -> None:
    good = onnx.parser.parse_model(NESTED).SerializeToString()
    at %= len(good)
    path = tmp_path_factory.mktemp("damaged") / "model.onnx"
    path.write_bytes(good[:at] + bytes_ + good[at + len(bytes_) :])
    with contextlib.suppress(InvalidInputError):
        read_facts(path)
