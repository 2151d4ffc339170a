"""Whether a thing is the same at both ends: hashes over what both tell of it, without what must differ."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

from goldsmith.compat.migration.types import Document, Kind

_PROJECT_FIELDS: Final = ("name", "type", "param_history")
_BATCH_FIELDS: Final = ("name", "project", "metadata", "callback", "calibration_batch", "self_label_batch")
_TASK_FIELDS: Final = (
    "task_id",
    "project",
    "batch",
    "type",
    "status",
    "instruction",
    "params",
    "callback_url",
    "unique_id",
    "metadata",
    "tags",
    "response",
    "customer_review_status",
)
_KNOWN_FIELDS: Final = (
    "task_id",
    "project",
    "batch",
    "type",
    "instruction",
    "params",
    "unique_id",
    "metadata",
    "tags",
    "expected_response",
    "initial_response",
)
_FIELDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "project": _PROJECT_FIELDS,
    "batch": _BATCH_FIELDS,
    "person": ("email", "projects"),  # the role of whoever is here already is decided here
    "group": ("project", "name", "emails", "batches"),
    "task": _TASK_FIELDS,
    "evaluation": _KNOWN_FIELDS,
    "training": _KNOWN_FIELDS,
    "file": (),
}
_FILE_ADDRESS: Final = re.compile(r"(https?|scaledata|s3|gs)://\S+", re.IGNORECASE)
_DIGITS: Final = 24
_DECIMALS: Final = 3
"""Of numbers in responses: a thousandth of a pixel is below what anybody measures."""


def compared(kind: Kind, document: Document, *, prefix: str = "") -> dict[str, str]:
    """Return the hash of each field of a thing that must be the same at both ends.

    Empty and absent are the same. Numbers of responses are rounded to three decimals, and addresses of files in
    responses are left out: each end has its own. Tags, people and names have no order.

    Args:
        kind: What it is.
        document: As either end tells it.
        prefix: Put before the names of projects at that end; taken off.
    """
    return {field: _digest(_comparable(field, document.get(field), prefix)) for field in _FIELDS[kind]}


def differing(there: Mapping[str, str], here: Mapping[str, str]) -> list[str]:
    """Return the names of the fields whose hashes are not the same at both ends."""
    return [field for field in there if there[field] != here.get(field)]


def _comparable(field: str, value: Any, prefix: str) -> Any:
    if value in (None, "", [], {}) or (field, value) == ("customer_review_status", "pending"):
        return None
    if field in ("project", "name") and prefix and isinstance(value, str):
        return value.removeprefix(prefix)
    if field == "projects":
        return sorted(name.removeprefix(prefix) for name in value)
    if field in ("tags", "emails", "batches"):
        return sorted(map(str, value))
    if field.endswith("response"):
        return _rounded(value)
    return value


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    if isinstance(value, str) and _FILE_ADDRESS.fullmatch(value):
        return "file"
    if isinstance(value, float) and math.isfinite(value):
        return round(value, _DECIMALS)
    return value


def _digest(value: Any) -> str:
    text = json.dumps(_whole(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def _whole(value: Any) -> Any:
    """Return a value in which 2.0 and 2 are the same, as they are in JSON."""
    if isinstance(value, dict):
        return {key: _whole(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_whole(entry) for entry in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
