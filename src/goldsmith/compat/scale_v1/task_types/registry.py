"""The one list of task types."""

from __future__ import annotations

from typing import Final

from goldsmith.compat.scale_v1.task_types.choices import Categorization, Comparison
from goldsmith.compat.scale_v1.task_types.documents import DocumentTranscription
from goldsmith.compat.scale_v1.task_types.entities import NamedEntityRecognition
from goldsmith.compat.scale_v1.task_types.forms.textcollection import TextCollection
from goldsmith.compat.scale_v1.task_types.forms.transcribing import DataCollection, Transcription
from goldsmith.compat.scale_v1.task_types.image import ImageAnnotation
from goldsmith.compat.scale_v1.task_types.legacy import LEGACY_TYPES
from goldsmith.compat.scale_v1.task_types.segment.segment import SegmentAnnotation
from goldsmith.compat.scale_v1.task_types.types import NotEnabled, ParameterFault, TaskType

_NO_WORKBENCH: Final = {
    "video": (
        "videoannotation",
        "videoboxannotation",
        "videoplaybackannotation",
        "videocuboidannotation",
        "federal2dvideoannotation",
    ),
    "LiDAR": (
        "laneannotation",
        "lidarannotation",
        "lidarlinking",
        "lidarsegmentation",
        "lidartopdown",
        "sensorfusion",
    ),
    "conversations": ("chat", "chatexperimental", "chatlite", "multichat", "multistage"),
    "audio": ("audiotranscription",),
    "trained document models": ("documentmodel",),
}


def _not_enabled() -> list[NotEnabled]:
    return [
        NotEnabled(
            name,
            f"Tasks of the type {name} are not enabled: goldsmith has no workbench for {what} yet, "
            "so nobody could label them.",
        )
        for what, names in _NO_WORKBENCH.items()
        for name in names
    ]


_ENABLED: Final[tuple[TaskType, ...]] = (
    ImageAnnotation(),
    *LEGACY_TYPES,
    SegmentAnnotation(),
    Categorization(),
    Comparison(),
    NamedEntityRecognition(),
    TextCollection(),
    DataCollection(),
    Transcription(),
    DocumentTranscription(),
)

TASK_TYPES: Final[dict[str, TaskType | NotEnabled]] = {
    **{entry.name: entry for entry in _ENABLED},
    **{entry.name: entry for entry in _not_enabled()},
}
"""Every task type that Scale's clients know, by its name."""


def task_type_of(name: str) -> TaskType:
    """Return a task type that people can work on.

    Raises:
        ParameterFault: There is no such type.
        NotEnabledFault: It cannot be worked on here yet.
    """
    found = TASK_TYPES.get(name)
    if found is None:
        raise ParameterFault(f'"type" must be one of [{", ".join(sorted(TASK_TYPES))}]')
    if isinstance(found, NotEnabled):
        found.refuse()
    return found
