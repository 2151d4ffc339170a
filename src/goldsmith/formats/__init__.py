"""Formats of other tools and goldsmith's own, read and written through one registry.

Files from outside are never trusted: names are checked, archives and XML capped and guarded, and every record that
cannot be taken is listed with its place and reason while the good ones go on.
"""

from goldsmith.formats.classes import ClassMatcher, ClassNumbers, OntologyDraft, infer_ontology
from goldsmith.formats.names import NameAllotter, checked_name, safe_name
from goldsmith.formats.registry import FORMATS, detect_format, get_format
from goldsmith.formats.sources import FileSource, FolderSource, SourceLimits, ZipSource, open_source
from goldsmith.formats.targets import FileTarget, FolderTarget, ZipTarget
from goldsmith.formats.types import (
    YOLO_VARIANTS,
    Capabilities,
    Format,
    LossReport,
    MediaReader,
    ReadOptions,
    ReadProblem,
    Sample,
    WriteOptions,
    YoloVariant,
)

__all__ = [
    "FORMATS",
    "YOLO_VARIANTS",
    "Capabilities",
    "ClassMatcher",
    "ClassNumbers",
    "FileSource",
    "FileTarget",
    "FolderSource",
    "FolderTarget",
    "Format",
    "LossReport",
    "MediaReader",
    "NameAllotter",
    "OntologyDraft",
    "ReadOptions",
    "ReadProblem",
    "Sample",
    "SourceLimits",
    "WriteOptions",
    "YoloVariant",
    "ZipSource",
    "ZipTarget",
    "checked_name",
    "detect_format",
    "get_format",
    "infer_ontology",
    "open_source",
    "safe_name",
]
