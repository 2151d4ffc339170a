"""A version as a Parquet table: readable by everyone, for ever.

Each object has its bounds as ``box_xyxy``; a polygon has its rings; a shape of another kind has its wire form as JSON
text under ``geometry``.

The one place that imports pyarrow, and only when a table is read or written: it costs 40 MB of memory.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from goldsmith.core.annotations import Labelling
from goldsmith.core.geometry import Box, Polygon
from goldsmith.datasets.types import Entry

_BATCH_ROWS = 1000


def _schema() -> Any:
    import pyarrow as pa

    ring = pa.list_(pa.list_(pa.float64()))
    relation = pa.struct(
        [
            ("relation_id", pa.string()),
            ("relation_type_id", pa.string()),
            ("from_id", pa.string()),
            ("to_id", pa.string()),
            ("score", pa.float64()),
        ]
    )
    annotation = pa.struct(
        [
            ("annotation_id", pa.string()),
            ("class_id", pa.string()),
            ("geometry_kind", pa.string()),
            ("box_xyxy", pa.list_(pa.float64())),
            ("rings", pa.list_(ring)),
            ("geometry", pa.string()),
            ("attributes", pa.string()),
            ("is_occluded", pa.bool_()),
            ("is_truncated", pa.bool_()),
            ("score", pa.float64()),
            ("group_id", pa.string()),
        ]
    )
    return pa.schema(
        [
            ("item_id", pa.string()),
            ("sha256", pa.string()),
            ("name", pa.string()),
            ("media_type", pa.string()),
            ("width_px", pa.int32()),
            ("height_px", pa.int32()),
            ("group_key", pa.string()),
            ("metadata", pa.string()),
            ("perceptual_hash", pa.int64()),
            ("task_id", pa.string()),
            ("label_kind", pa.string()),
            ("label_version", pa.int32()),
            ("submission_ids", pa.list_(pa.string())),
            ("split", pa.string()),
            ("annotations", pa.list_(annotation)),
            ("answers", pa.string()),
            ("relations", pa.list_(relation)),
        ]
    )


def write_table(entries: Sequence[Entry]) -> bytes:
    """Write entries as one Parquet file, in their order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    schema = _schema()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for start in range(0, max(len(entries), 1), _BATCH_ROWS):
            rows = [_to_row(entry) for entry in entries[start : start + _BATCH_ROWS]]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    return sink.getvalue()


def read_table(data: bytes) -> Iterator[Entry]:
    """Read back what ``write_table`` wrote, in batches."""
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(io.BytesIO(data)).iter_batches(batch_size=_BATCH_ROWS):
        for row in batch.to_pylist():
            yield _from_row(row)


def _to_row(entry: Entry) -> dict[str, Any]:
    row = entry.model_dump(exclude={"labelling"})
    row["answers"] = json.dumps(entry.labelling.answers, sort_keys=True)
    row["relations"] = [relation.model_dump() for relation in entry.labelling.relations]
    row["annotations"] = [
        {
            "annotation_id": a.annotation_id,
            "class_id": a.class_id,
            "geometry_kind": a.geometry.kind,
            "box_xyxy": list(a.geometry.bounds_xyxy()),
            "rings": [[list(point) for point in ring] for ring in a.geometry.rings]
            if isinstance(a.geometry, Polygon)
            else None,
            "geometry": None if isinstance(a.geometry, Box | Polygon) else a.geometry.model_dump_json(),
            "attributes": json.dumps(a.attributes, sort_keys=True),
            "is_occluded": a.is_occluded,
            "is_truncated": a.is_truncated,
            "score": a.score,
            "group_id": a.group_id,
        }
        for a in entry.labelling.annotations
    ]
    return row


def _from_row(row: dict[str, Any]) -> Entry:
    annotations = [_annotation(raw) for raw in row.pop("annotations") or []]
    # tables written before there were relations have no such column
    labelling = {
        "annotations": annotations,
        "answers": json.loads(row.pop("answers")),
        "relations": row.pop("relations", None) or [],
    }
    return Entry(**row, labelling=Labelling.model_validate(labelling))


def _annotation(raw: dict[str, Any]) -> dict[str, Any]:
    kind = raw.pop("geometry_kind")
    box, rings, text = raw.pop("box_xyxy"), raw.pop("rings"), raw.pop("geometry", None)
    if text is not None:
        geometry = json.loads(text)
    else:
        geometry = {"kind": kind, "rings": rings} if kind == "polygon" else {"kind": kind, "box_xyxy": box}
    return {**raw, "geometry": geometry, "attributes": json.loads(raw["attributes"])}
