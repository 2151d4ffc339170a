"""What all formats share: samples, problems, losses, and what a format can hold."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Literal, NamedTuple, Protocol, get_args

from goldsmith.core.annotations import Labelling
from goldsmith.core.geometry import GEOMETRY_KINDS
from goldsmith.core.geometry.spans import SpanForm
from goldsmith.core.ontology import Ontology
from goldsmith.formats.sources import FileSource
from goldsmith.formats.targets import FileTarget

Severity = Literal["refused", "warning"]
YoloVariant = Literal["auto", "detect", "segment", "obb", "pose"]
YOLO_VARIANTS: Final[tuple[YoloVariant, ...]] = get_args(YoloVariant)


@dataclass(frozen=True, slots=True)
class Sample:
    """One image with its labels, free of any format.

    Attributes:
        name: Relative path of the image with ``/``, such as ``train/0001.jpg``.
        width: Width of the upright image in pixels; 0 when the format does not say.
        height: Height of the upright image in pixels; 0 when the format does not say.
        labelling: The labels; class ids are the class names of the format.
        metadata: Whatever else the format knows of the image; JSON values.
        split: ``train``, ``val``, ``test`` or another name; empty without one.
        group: Samples of one group belong into one split; empty without one.
        media_name: Name of the image's file in the source it was read from; None when it is not there.
        label_names: Names of images in the source that hold labels of this one, such as a PNG of class numbers.
    """

    name: str
    width: int
    height: int
    labelling: Labelling = field(default_factory=Labelling)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    split: str = ""
    group: str = ""
    media_name: str | None = None
    label_names: tuple[str, ...] = ()


class ReadProblem(NamedTuple):
    """Something in a source that could not be taken as it is; the rest goes on."""

    where: str
    """File, and the record within it: ``annotations.json: annotations[3]``."""
    what: str
    """What is wrong with it and how to mend it."""
    severity: Severity = "refused"
    """``refused``: the record is left out. ``warning``: it is kept, with something lost."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a format can hold.

    Attributes:
        geometry_kinds: Kinds of shapes that reading gives back as they were written.
        has_attributes: Attributes of objects.
        has_flags: Occluded and truncated.
        has_scores: Confidence of predictions.
        has_splits: Splits of samples.
        has_metadata: Metadata and groups of samples.
        has_answers: Answers to item-level questions.
        has_object_groups: Which objects belong together.
        has_relations: Relations between objects; of formats with them, the writer looks after spans of texts itself.
    """

    geometry_kinds: frozenset[str]
    has_attributes: bool = False
    has_flags: bool = False
    has_scores: bool = False
    has_splits: bool = False
    has_metadata: bool = False
    has_answers: bool = False
    has_object_groups: bool = False
    has_relations: bool = False


EVERYTHING: Final = Capabilities(
    geometry_kinds=frozenset(GEOMETRY_KINDS),
    has_attributes=True,
    has_flags=True,
    has_scores=True,
    has_splits=True,
    has_metadata=True,
    has_answers=True,
    has_object_groups=True,
    has_relations=True,
)
ALL_OF_IMAGES: Final = dataclasses.replace(
    EVERYTHING, geometry_kinds=EVERYTHING.geometry_kinds - {"span"}, has_relations=False
)
"""Of formats that know no texts."""
MAX_LOSS_EXAMPLES: Final = 5


@dataclass(slots=True)
class LossReport:
    """What a written file set could not hold.

    Attributes:
        samples: Samples written.
        annotations: Objects written.
        losses: Number of objects, or samples, that lost something, by the kind of loss.
        examples: The first few names for each kind of loss.
    """

    samples: int = 0
    annotations: int = 0
    losses: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, where: str) -> None:
        """Count one loss of a kind, such as ``attributes`` or ``polygon_holes``."""
        self.losses[kind] += 1
        named = self.examples.setdefault(kind, [])
        if len(named) < MAX_LOSS_EXAMPLES and where not in named:
            named.append(where)

    @property
    def is_lossless(self) -> bool:
        """Whether everything was held."""
        return not self.losses

    def join(self, other: LossReport) -> None:
        """Add what another report counted, its samples apart."""
        self.losses.update(other.losses)
        for kind, names in other.examples.items():
            known = self.examples.setdefault(kind, [])
            known += [name for name in names if name not in known][: MAX_LOSS_EXAMPLES - len(known)]

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            "samples": self.samples,
            "annotations": self.annotations,
            "losses": dict(sorted(self.losses.items())),
            "examples": {kind: self.examples[kind] for kind in sorted(self.examples)},
        }


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a reader decides where a format leaves a choice.

    Attributes:
        prefer: ``polygon`` keeps outlines where there are some, ``box`` always takes the box.
        voc_is_one_based: Pascal VOC counts pixels from 1 and includes both ends; False reads corners as they stand.
        parts: An outline of COCO in several parts becomes one ``mask``, or a ``group`` of polygons.
        yolo_variant: What a line of YOLO says; ``auto`` looks at the data set.
    """

    prefer: Literal["polygon", "box"] = "polygon"
    voc_is_one_based: bool = True
    parts: Literal["mask", "group"] = "mask"
    yolo_variant: YoloVariant = "auto"


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a writer decides where a format leaves a choice.

    Attributes:
        yolo_variant: What a line of YOLO says; ``auto`` takes what is drawn.
        kinds: Kinds of shapes among the samples, where that is known beforehand; else what the ontology draws counts.
    """

    yolo_variant: YoloVariant = "auto"
    kinds: frozenset[str] = frozenset()


DEFAULT_READ: Final = ReadOptions()
DEFAULT_WRITE: Final = WriteOptions()

MediaReader = Callable[[Sample], BinaryIO | bytes | None]
"""Gives the bytes of a sample's image to a writer; None when there are none."""


class WriteContext(NamedTuple):
    """What a writer may use beside the samples.

    Attributes:
        ontology: Gives the classes and their order; without one, classes are numbered as they come.
        media: Gives the image files to be copied; without one, only labels are written.
        options: Where the format leaves a choice.
    """

    ontology: Ontology | None
    media: MediaReader | None
    options: WriteOptions


class Reader(Protocol):
    """Yields samples and problems, streaming; raises InvalidInputError when nothing is of the format."""

    def __call__(self, source: FileSource, *, options: ReadOptions) -> Iterator[Sample | ReadProblem]:
        """Read a source."""
        ...


def _says_nothing(source: FileSource) -> Ontology | None:
    del source
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format in the registry.

    Attributes:
        name: Key in the registry.
        title: Name as people know it.
        capabilities: What it can hold.
        recognises: Says whether a source looks like this format; reads little.
        reader: See ``read``.
        writer: See ``write``.
        read_ontology: Returns what the files say of the classes beyond what their objects show (skeletons and their
            edges, kinds and options of attributes, colours; as far as it holds), None where they say nothing.
    """

    name: str
    title: str
    capabilities: Capabilities
    recognises: Callable[[FileSource], bool]
    reader: Reader
    writer: Callable[[Iterable[Sample], FileTarget, WriteContext], LossReport]
    read_ontology: Callable[[FileSource], Ontology | None] = _says_nothing

    def read(
        self, source: FileSource, *, options: ReadOptions = DEFAULT_READ
    ) -> Iterator[Sample | ReadProblem]:
        """Yield samples and problems, streaming.

        Raises:
            InvalidInputError: Nothing in the source is of this format.
        """
        return self.reader(source, options=options)

    def write(
        self,
        samples: Iterable[Sample],
        target: FileTarget,
        *,
        ontology: Ontology | None = None,
        media: MediaReader | None = None,
        options: WriteOptions = DEFAULT_WRITE,
    ) -> LossReport:
        """Write samples, streaming, and say what was lost.

        Args:
            samples: In the order that gives ids and file order; the same samples give the same bytes.
            target: Where to; the caller closes it.
            ontology: See ``WriteContext``; likewise the others.
            media: Images to copy.
            options: Choices.
        """
        left_out = LossReport()
        held = samples if self.capabilities.has_relations else _of_images(samples, left_out)
        report = self.writer(held, target, WriteContext(ontology, media, options))
        report.join(left_out)
        return report


def _of_images(samples: Iterable[Sample], left_out: LossReport) -> Iterator[Sample]:
    """Yield samples without what a format of images cannot hold: spans of a text, and relations."""
    for sample in samples:
        if sample.labelling.relations:
            left_out.add("relations", sample.name)
            bare = sample.labelling.model_copy(update={"relations": []})
            yield without_spans(dataclasses.replace(sample, labelling=bare), left_out)
        else:
            yield without_spans(sample, left_out)


def without_spans(sample: Sample, left_out: LossReport) -> Sample:
    """Return a sample without spans of a text, and without relations of those; each is counted in ``left_out``."""
    labelling = sample.labelling
    kept = [entry for entry in labelling.annotations if not isinstance(entry.geometry, SpanForm)]
    if len(kept) == len(labelling.annotations):
        return sample
    for _ in range(len(labelling.annotations) - len(kept)):
        left_out.add("spans_left_out", sample.name)
    left = labelling.with_annotations(kept)
    if len(left.relations) < len(labelling.relations):
        left_out.add("relations", sample.name)
    return dataclasses.replace(sample, labelling=left)
