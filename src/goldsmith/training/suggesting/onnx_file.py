"""What an ONNX file says of itself, read without running it: protocol buffers walked in flat memory.

Field numbers are those of ``onnx.proto`` (https://github.com/onnx/onnx). Weights are stepped over, never copied.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from goldsmith.core.errors import InvalidInputError

OLDEST_OPSET: Final = 9
KNOWN_DOMAINS: Final = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc"})
_DEEPEST: Final = 32
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MODEL_IR, _MODEL_OPSET, _MODEL_GRAPH, _MODEL_FUNCTION = 1, 8, 7, 25
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE = 1, 5, 15
_FUNCTION_NODE: Final = 7
_NODE_ATTRIBUTE: Final = 5
_ATTRIBUTE_TENSORS: Final = frozenset({5, 10})
_ATTRIBUTE_GRAPHS: Final = frozenset({6, 11})
_ATTRIBUTE_SPARSE: Final = frozenset({22, 23})
_SPARSE_TENSORS: Final = frozenset({1, 2})
_TENSOR_LOCATION: Final = 14
_EXTERNAL: Final = 1


class OnnxFacts(NamedTuple):
    """What a file says of itself.

    Attributes:
        opsets: Version by domain; the operators of ONNX itself have the empty domain.
        has_external_data: Whether weights are said to lie in other files.
    """

    ir_version: int
    opsets: Mapping[str, int]
    has_external_data: bool


def read_facts(path: Path) -> OnnxFacts:
    """Read a file's facts.

    Raises:
        InvalidInputError: It is no ONNX file.
    """
    facts = None
    if path.stat().st_size:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            facts = _facts_or_none(content)
    if facts is None:
        raise InvalidInputError("the file is not an ONNX model; send the .onnx file itself")
    return facts


def _facts_or_none(content: mmap.mmap) -> OnnxFacts | None:
    """Walk a file; ends without an error in flight, which would hold on to the file's memory."""
    with memoryview(content) as view:
        try:
            return _facts_of(view)
        except ValueError:  # UnicodeDecodeError is one
            return None


def check_facts(facts: OnnxFacts, *, what: str) -> None:
    """Refuse what cannot be run here.

    Args:
        facts: Of the file.
        what: What messages call it, such as ``the encoder``.

    Raises:
        InvalidInputError: It has weights in other files, unknown operators or too old ones.
    """
    if facts.has_external_data:
        raise InvalidInputError(f"{what} keeps weights in other files; save it as one file and send that")
    strange = sorted(set(facts.opsets) - KNOWN_DOMAINS)
    if strange:
        raise InvalidInputError(
            f"{what} needs operators of {', '.join(strange)}, which are not known here; export it without them"
        )
    opset = max(facts.opsets.get("", 0), facts.opsets.get("ai.onnx", 0))
    if opset < OLDEST_OPSET:
        raise InvalidInputError(
            f"{what} uses opset {opset}; export it with opset {OLDEST_OPSET} or newer (17 is a good choice)"
        )


def _facts_of(model: memoryview) -> OnnxFacts:
    ir_version = 0
    opsets: dict[str, int] = {}
    graphs = 0
    is_external = False
    for number, value in _fields(model):
        if number == _MODEL_IR and isinstance(value, int):
            ir_version = value
        elif number == _MODEL_OPSET and isinstance(value, memoryview):
            domain, version = _opset_of(value)
            opsets[domain] = version
        elif number == _MODEL_GRAPH and isinstance(value, memoryview):
            graphs += 1
            is_external = is_external or _graph_is_external(value, depth=0)
        elif number == _MODEL_FUNCTION and isinstance(value, memoryview):
            is_external = is_external or _nodes_are_external(value, _FUNCTION_NODE, depth=0)
    if graphs != 1 or not opsets:
        raise ValueError("no graph, or no operators")
    return OnnxFacts(ir_version, opsets, is_external)


def _opset_of(view: memoryview) -> tuple[str, int]:
    domain, version = "", 0
    for number, value in _fields(view):
        if number == _OPSET_DOMAIN and isinstance(value, memoryview):
            domain = bytes(value).decode()
        elif number == _OPSET_VERSION and isinstance(value, int):
            version = value
    return domain, version


def _graph_is_external(graph: memoryview, *, depth: int) -> bool:
    if depth > _DEEPEST:
        raise ValueError("graphs within graphs without end")
    for number, value in _fields(graph):
        if not isinstance(value, memoryview):
            continue
        if number == _GRAPH_INITIALIZER and _tensor_is_external(value):
            return True
        if number == _GRAPH_SPARSE and _any_tensor(value, _SPARSE_TENSORS):
            return True
    return _nodes_are_external(graph, _GRAPH_NODE, depth=depth)


def _nodes_are_external(parent: memoryview, node_number: int, *, depth: int) -> bool:
    nodes = (value for number, value in _fields(parent) if number == node_number)
    return any(
        _attribute_is_external(attribute, depth=depth)
        for node in nodes
        if isinstance(node, memoryview)
        for number, attribute in _fields(node)
        if number == _NODE_ATTRIBUTE and isinstance(attribute, memoryview)
    )


def _attribute_is_external(attribute: memoryview, *, depth: int) -> bool:
    for number, value in _fields(attribute):
        if not isinstance(value, memoryview):
            continue
        if number in _ATTRIBUTE_TENSORS and _tensor_is_external(value):
            return True
        if number in _ATTRIBUTE_SPARSE and _any_tensor(value, _SPARSE_TENSORS):
            return True
        if number in _ATTRIBUTE_GRAPHS and _graph_is_external(value, depth=depth + 1):
            return True
    return False


def _any_tensor(parent: memoryview, numbers: frozenset[int]) -> bool:
    return any(
        _tensor_is_external(value)
        for number, value in _fields(parent)
        if number in numbers and isinstance(value, memoryview)
    )


def _tensor_is_external(tensor: memoryview) -> bool:
    return any(number == _TENSOR_LOCATION and value == _EXTERNAL for number, value in _fields(tensor))


def _fields(view: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Walk the fields of one message; numbers of fixed width come as 0, for none of them is needed."""
    position, size = 0, len(view)
    while position < size:
        key, position = _varint(view, position)
        number, wire = key >> 3, key & 7
        if number == 0:
            raise ValueError("no field has the number 0")
        if wire == _VARINT:
            value, position = _varint(view, position)
            yield number, value
            continue
        if wire == _BYTES:
            length, position = _varint(view, position)
        else:
            length = {_FIXED32: 4, _FIXED64: 8}.get(wire, -1)
        if length < 0 or position + length > size:
            raise ValueError("a field runs over the end")
        yield number, view[position : position + length] if wire == _BYTES else 0
        position += length


def _varint(view: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(view) and shift < 64:
        byte = view[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise ValueError("a number runs over the end")
