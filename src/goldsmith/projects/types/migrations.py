"""What a change of the ontology means for labels in force, and how they read afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from goldsmith.core.annotations import AttributeValue
from goldsmith.core.model import Model


@dataclass(frozen=True, slots=True)
class OntologyUse:
    """How many labels in force use each part of an ontology; parts without use are absent.

    Attributes:
        labellings: Labellings in force.
        classes: Objects by class id.
        geometries: Objects by (class id, geometry kind).
        attributes: Objects by (class id, attribute id); labellings by (None, question id).
        options: Objects by (class id, attribute id, option id); labellings by (None, question id, option id).
    """

    labellings: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    geometries: Mapping[tuple[str, str], int] = field(default_factory=dict)
    attributes: Mapping[tuple[str | None, str], int] = field(default_factory=dict)
    options: Mapping[tuple[str | None, str, str], int] = field(default_factory=dict)


class Severity(StrEnum):
    """What a finding of the migration check means for the change."""

    INFO = "info"
    WARNING = "warning"
    BREAKING = "breaking"


class Remedy(StrEnum):
    """What a migration may say about labels in force that a change would break.

    ``map``: read them as another class, attribute or option; ``drop``: leave the object or value out; ``convert``:
    redraw the shape as a kind that the class still has; ``fill``: give the missing value; ``keep``: leave them as they
    are.
    """

    MAP = "map"
    DROP = "drop"
    CONVERT = "convert"
    FILL = "fill"
    KEEP = "keep"


class Subject(Model):
    """The part of an ontology that a finding or a rule is about.

    Attributes:
        class_id: The class; None for an item-level question.
        attribute_id: The attribute, or the question.
    """

    class_id: str | None = None
    geometry_kind: str | None = None
    attribute_id: str | None = None
    option_id: str | None = None

    def __str__(self) -> str:
        parts = [f"class {self.class_id!r}"] if self.class_id is not None else []
        if self.geometry_kind is not None:
            parts.append(f"shape {self.geometry_kind!r}")
        if self.attribute_id is not None:
            parts.append(f"{'question' if self.class_id is None else 'attribute'} {self.attribute_id!r}")
        if self.option_id is not None:
            parts.append(f"option {self.option_id!r}")
        return ", ".join(parts)


class Finding(Model):
    """One difference between two ontologies that concerns labels.

    Attributes:
        code: Kind of difference, such as ``class_removed``.
        severity: ``breaking`` refuses the change until a migration decides.
        subject: What it is about.
        what: The sentence people read.
        use_count: Labels in force that it touches.
        remedies: What a migration may say here; empty when nothing needs to be said.
        suggestion: The id to map to that looks right, when one does.
    """

    code: str
    severity: Severity
    subject: Subject
    what: str
    use_count: int
    remedies: tuple[Remedy, ...] = ()
    suggestion: str | None = None


class Rule(Model):
    """What a migration says about one finding.

    Attributes:
        subject: The finding's.
        action: One of the finding's remedies.
        to: For ``map``: the class, attribute or option id of the new ontology.
        value: For ``fill``: the value.
    """

    subject: Subject
    action: Remedy
    to: str | None = None
    value: AttributeValue | None = None


class Migration(Model):
    """How labels of the version before read in the new version; the labels themselves are never changed."""

    rules: list[Rule] = []


class Fault(Model):
    """One fault of a migration."""

    where: str
    what: str


class MigrationReport(Model):
    """What changing to another ontology would mean.

    Attributes:
        findings: Every difference that concerns labels, breaking ones first.
        faults: What the migration leaves open or says wrongly; the change is taken only when it is empty.
    """

    findings: list[Finding]
    faults: list[Fault]
