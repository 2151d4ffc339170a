"""What other steps may use of datasets."""

from goldsmith.datasets.loader import DatasetReader, Sample, open_folder
from goldsmith.datasets.service import DatasetsService
from goldsmith.datasets.store import item_rows, list_versions, versions_with_items, versions_with_submissions
from goldsmith.datasets.types import (
    DatasetView,
    Entry,
    LabelPolicy,
    Manifest,
    SplitPolicy,
    VersionPolicy,
    VersionView,
)

__all__ = [
    "DatasetReader",
    "DatasetView",
    "DatasetsService",
    "Entry",
    "LabelPolicy",
    "Manifest",
    "Sample",
    "SplitPolicy",
    "VersionPolicy",
    "VersionView",
    "item_rows",
    "list_versions",
    "open_folder",
    "versions_with_items",
    "versions_with_submissions",
]
