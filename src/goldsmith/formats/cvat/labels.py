"""CVAT's labels: what the head of a file says of the classes.

A label without children is a class; labels with a ``parent`` are the points of its skeleton, which ``svg`` draws in a
square of 100 by 100. Labels of type ``tag`` are options of the question ``tags``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pydantic import ValidationError

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.ontology import (
    Attribute,
    AttributeKind,
    LabelClass,
    Ontology,
    Option,
    SkeletonTemplate,
    TemplateNode,
)
from goldsmith.formats.classes import class_color
from goldsmith.formats.cvat.tags import TAGS
from goldsmith.formats.markup import holdable, parse_xml
from goldsmith.formats.own import OWN_KEY
from goldsmith.formats.skeletons import spread_template

_KINDS: Final = {
    "rectangle": "box", "polygon": "polygon", "polyline": "polyline", "points": "point", "ellipse": "ellipse",
    "mask": "mask", "cuboid": "cuboid", "skeleton": "skeleton",
}  # fmt: skip
_PLAIN_KINDS: Final = {name: kind for name, kind in _KINDS.items() if kind != "skeleton"}
_TYPES: Final = {kind: name for name, kind in _KINDS.items()}
_INPUTS: Final = {
    "checkbox": AttributeKind.BOOLEAN, "number": AttributeKind.NUMBER, "select": AttributeKind.CHOICE,
    "radio": AttributeKind.CHOICE, "text": AttributeKind.TEXT,
}  # fmt: skip
_INPUT_OF: Final = {
    AttributeKind.BOOLEAN: "checkbox", AttributeKind.NUMBER: "number", AttributeKind.CHOICE: "select",
    AttributeKind.MULTI_CHOICE: "text", AttributeKind.TEXT: "text", AttributeKind.RANKING: "text",
    AttributeKind.DATE: "text",
}  # fmt: skip
_MAX_LABELS: Final = 5000
_SQUARE: Final = 100.0


@dataclass
class Labels:
    """What the head of a file says.

    Attributes:
        classes: By name.
        tags: Labels that tag images.
        questions: Attributes of those.
        own: The ontology that goldsmith wrote.
    """

    classes: dict[str, LabelClass] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    questions: list[Attribute] = field(default_factory=list)
    own: Ontology | None = None

    def kinds_of(self, label: str) -> Mapping[str, AttributeKind]:
        """Return the kind of each attribute of a label."""
        entry = self.classes.get(label)
        return {attribute.attribute_id: attribute.kind for attribute in entry.attributes} if entry else {}

    def template_of(self, label: str) -> SkeletonTemplate | None:
        """Return the skeleton of a label, when it is known."""
        entry = self.classes.get(label)
        return entry.skeleton if entry else None

    def ontology(self) -> Ontology | None:
        """Return the classes, and the question that tags answer; None without any."""
        if self.own is not None:
            return self.own
        questions = list(self.questions)
        if self.tags:
            options = [Option(option_id=name, name=name) for name in self.tags]
            questions.insert(
                0, Attribute(attribute_id=TAGS, name="Tags", kind=AttributeKind.MULTI_CHOICE, options=options)
            )
        classes = [entry for name, entry in self.classes.items() if name not in self.tags]
        return Ontology(classes=classes, questions=questions) if classes or questions else None


def read_labels(meta: Element) -> Labels:
    """Return what a ``meta`` element says; labels that do not hold are left out."""
    found = Labels()
    with contextlib.suppress(ValidationError):
        own = meta.findtext(OWN_KEY)
        found.own = Ontology.model_validate_json(own) if own else None
    if found.own is not None:
        found.classes = {entry.class_id: entry for entry in found.own.classes}
        return found
    elements = list(meta.iter("label"))[:_MAX_LABELS]
    parts: dict[str, list[str]] = {}
    for element in elements:
        parent, name = _text(element, "parent"), _text(element, "name")
        if parent and name and name not in parts.setdefault(parent, []):
            parts[parent].append(name)
    for element in elements:
        name = _text(element, "name")[:200]
        if not name or _text(element, "parent") or name in found.classes:
            continue
        with contextlib.suppress(ValidationError):
            entry = _class(element, name, parts.get(name, []), len(found.classes))
            found.classes[name] = entry
            if _text(element, "type") == "tag":
                found.tags.append(name)
                found.questions += [_question(name, attribute) for attribute in entry.attributes]
    return found


def meta_of(ontology: Ontology | None, class_ids: list[str]) -> bytes:
    """Return the ``meta`` element for an ontology, and for classes it does not have."""
    meta = Element("meta")
    labels = SubElement(SubElement(meta, "task"), "labels")
    known = {entry.class_id: entry for entry in ontology.classes} if ontology else {}
    for number, class_id in enumerate(class_ids):
        entry = known.get(class_id) or LabelClass(class_id=class_id, name=class_id, color=class_color(number))
        _add_label(labels, entry, is_known=class_id in known)
    if ontology is not None:
        SubElement(meta, OWN_KEY).text = holdable(ontology.model_dump_json())
    indent(meta, level=1)
    text: str = tostring(meta, encoding="unicode")
    return text.encode() + b"\n"


def _class(element: Element, name: str, parts: list[str], number: int) -> LabelClass:
    color = _text(element, "color")
    stated = _text(element, "type")
    is_skeleton = stated == "skeleton" and bool(parts)
    is_color = len(color) == 7 and color.startswith("#")
    return LabelClass(
        class_id=name,
        name=name,
        color=color if is_color else class_color(number),
        geometry_kinds=["skeleton" if is_skeleton else _PLAIN_KINDS.get(stated, "box")],
        attributes=[
            attribute for entry in element.iter("attribute") if (attribute := _attribute(entry)) is not None
        ],
        skeleton=_template(element, parts) if is_skeleton else None,
    )


def _attribute(element: Element) -> Attribute | None:
    name = _text(element, "name")[:200]
    kind = _INPUTS.get(_text(element, "input_type"), AttributeKind.TEXT)
    lines = (element.findtext("values") or "").split("\n")
    values = list(dict.fromkeys(line.strip()[:200] for line in lines if line.strip()))
    default = _text(element, "default_value")
    try:
        if kind is AttributeKind.CHOICE:
            options = [Option(option_id=value, name=value) for value in values]
            chosen = default if default in values else None
            return Attribute(attribute_id=name, name=name, kind=kind, options=options, default=chosen)
        if kind is AttributeKind.BOOLEAN:
            return Attribute(attribute_id=name, name=name, kind=kind, default=default.lower() == "true")
        if kind is AttributeKind.NUMBER:
            low, high = _limits(";".join(values))
            return Attribute(attribute_id=name, name=name, kind=kind, minimum=low, maximum=high)
        return Attribute(attribute_id=name, name=name, kind=kind)
    except ValidationError:
        return None


def _limits(text: str) -> tuple[float | None, float | None]:
    numbers: list[float] = []
    for part in text.split(";")[:2]:
        try:
            numbers.append(float(part))
        except ValueError:
            return None, None
    return (numbers[0], numbers[1]) if len(numbers) == 2 and numbers[0] <= numbers[1] else (None, None)


def _question(label: str, attribute: Attribute) -> Attribute:
    key = f"{label}.{attribute.attribute_id}"[:200]
    return attribute.model_copy(update={"attribute_id": key, "name": key})


def _template(element: Element, parts: list[str]) -> SkeletonTemplate:
    """Return a skeleton as ``svg`` draws it; on a circle where it does not."""
    places, edges = _drawn(element.findtext("svg") or "", parts)
    spread = spread_template(parts, edges=edges)
    nodes = [
        TemplateNode(node_id=node.node_id, name=node.name, at=places.get(part, node.at))
        for part, node in zip(parts, spread.nodes, strict=True)
    ]
    return SkeletonTemplate(nodes=nodes, edges=spread.edges)


def _drawn(svg: str, parts: list[str]) -> tuple[dict[str, tuple[float, float]], list[tuple[int, int]]]:
    try:
        drawing = parse_xml(f"<svg>{svg}</svg>".encode())
    except InvalidInputError:
        return {}, []
    places: dict[str, tuple[float, float]] = {}
    names: dict[str, int] = {}
    for circle in drawing.iter("circle"):
        name = circle.get("data-label-name", "").strip()
        if name in parts:
            names[circle.get("data-node-id", "")] = parts.index(name)
            with contextlib.suppress(ValueError):
                x, y = float(circle.get("cx", "")) / _SQUARE, float(circle.get("cy", "")) / _SQUARE
                if 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0:
                    places[name] = (round(x, 4), round(y, 4))
    return places, list(_edges(drawing, names))


def _edges(drawing: Element, names: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    for line in drawing.iter("line"):
        one, other = names.get(line.get("data-node-from", "")), names.get(line.get("data-node-to", ""))
        if one is not None and other is not None:
            yield one, other


def _add_label(labels: Element, entry: LabelClass, *, is_known: bool) -> None:
    label = SubElement(labels, "label")
    _add(label, "name", entry.class_id)
    _add(label, "color", entry.color)
    kinds = entry.geometry_kinds
    _add(label, "type", _TYPES.get(kinds[0], "any") if is_known and len(kinds) == 1 else "any")
    attributes = SubElement(label, "attributes")
    for attribute in entry.attributes:
        element = SubElement(attributes, "attribute")
        _add(element, "name", attribute.attribute_id)
        _add(element, "mutable", "False")
        _add(element, "input_type", _INPUT_OF[attribute.kind])
        default = attribute.default
        _add(
            element,
            "default_value",
            str(default).lower() if isinstance(default, bool) else str(default or ""),
        )
        _add(element, "values", _values(attribute))
    if entry.skeleton is not None and "skeleton" in kinds:
        _add(label, "svg", _svg(entry.skeleton))
        for node in entry.skeleton.nodes:
            part = SubElement(labels, "label")
            _add(part, "name", node.node_id)
            _add(part, "color", entry.color)
            _add(part, "type", "points")
            SubElement(part, "attributes")
            _add(part, "parent", entry.class_id)


def _values(attribute: Attribute) -> str:
    if attribute.kind is AttributeKind.NUMBER:
        low = -1e9 if attribute.minimum is None else attribute.minimum
        high = 1e9 if attribute.maximum is None else attribute.maximum
        return f"{low:g};{high:g};1"
    return "\n".join(option.option_id for option in attribute.options)


def _svg(template: SkeletonTemplate) -> str:
    numbers = {node.node_id: number for number, node in enumerate(template.nodes, start=1)}
    places = {node.node_id: (node.at[0] * _SQUARE, node.at[1] * _SQUARE) for node in template.nodes}
    drawing = Element("svg")
    for one, other in template.edges:
        (x1, y1), (x2, y2) = places[one], places[other]
        values = {
            "x1": f"{x1:g}", "y1": f"{y1:g}", "x2": f"{x2:g}", "y2": f"{y2:g}", "data-type": "edge",
            "data-node-from": str(numbers[one]), "data-node-to": str(numbers[other]),
        }  # fmt: skip
        SubElement(drawing, "line", values)
    for node in template.nodes:
        x, y = places[node.node_id]
        values = {
            "r": "0.75", "cx": f"{x:g}", "cy": f"{y:g}", "data-type": "element node",
            "data-element-id": str(numbers[node.node_id]), "data-node-id": str(numbers[node.node_id]),
            "data-label-name": holdable(node.node_id),
        }  # fmt: skip
        SubElement(drawing, "circle", values)
    return "".join(tostring(child, encoding="unicode") for child in drawing)


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = holdable(text)


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
