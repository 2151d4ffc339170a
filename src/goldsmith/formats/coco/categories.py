"""COCO's categories: class names, and the keypoints and edges of skeletons.

``keypoints`` are the names of a skeleton's nodes, ``skeleton`` pairs of their numbers from 1. goldsmith keeps its own
template beside them, under its own key, for the ids and places of the nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from pydantic import ValidationError

from goldsmith.core.ontology import LabelClass, Ontology, RelationType, SkeletonTemplate
from goldsmith.formats.coco.documents import CocoCategory, Document, Identifier
from goldsmith.formats.skeletons import spread_template
from goldsmith.formats.types import ReadProblem


class _Own(msgspec.Struct):
    """What goldsmith tells of a whole document; of losses only people read."""

    relation_types: list[dict[str, Any]] = []


class Category(NamedTuple):
    """One entry of ``categories``."""

    category_id: Identifier
    class_id: str
    template: SkeletonTemplate | None

    @property
    def node_ids(self) -> list[str]:
        """Ids of the nodes of its skeletons; empty where it has none."""
        return [node.node_id for node in self.template.nodes] if self.template else []


def read_categories(raws: Sequence[msgspec.Raw] | None, *, where: str) -> Iterator[Category | ReadProblem]:
    """Yield the categories of a document, and those that cannot be used."""
    if raws is None:
        yield ReadProblem(where, "there are no categories; add them, or objects have no class")
        return
    decode = msgspec.json.Decoder(CocoCategory, strict=False).decode
    taken: set[Identifier] = set()
    for number, raw in enumerate(raws):
        at = f"{where}: categories[{number}]"
        try:
            category = decode(raw)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            yield ReadProblem(at, f"not a usable category: {error}")
            continue
        name = category.name.strip()[:200]
        if not name:
            yield ReadProblem(at, "a category needs a name")
        elif category.id in taken:
            yield ReadProblem(at, f"the category id {category.id} is used twice; the first one counts")
        else:
            taken.add(category.id)
            yield Category(category.id, name, _template(category))


def ontology_of(document: Document) -> Ontology | None:
    """Return the classes that have skeletons, and the types of relations that goldsmith wrote; None without any."""
    classes: dict[str, LabelClass] = {}
    for entry in read_categories(document.categories, where=""):
        if isinstance(entry, Category) and entry.template is not None:
            classes.setdefault(
                entry.class_id,
                LabelClass(
                    class_id=entry.class_id,
                    name=entry.class_id,
                    geometry_kinds=["skeleton"],
                    skeleton=entry.template,
                ),
            )
    relation_types = _relation_types(document)
    if not classes and not relation_types:
        return None
    return Ontology(classes=list(classes.values()), relation_types=relation_types)


def _relation_types(document: Document) -> list[RelationType]:
    """Return the types that are written; each joins objects of any class, as a class may be known by another name."""
    try:
        own = msgspec.json.decode(bytes(document.goldsmith) or b"{}", type=_Own)
        types = [
            RelationType.model_validate({**raw, "from_class_ids": [], "to_class_ids": []})
            for raw in own.relation_types
        ]
    except (ValidationError, msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return []
    return list({entry.relation_type_id: entry for entry in types}.values())


def category_json(
    number: int, class_id: str, *, parent_id: str | None, template: SkeletonTemplate | None
) -> dict[str, Any]:
    """Return an entry of ``categories``."""
    entry: dict[str, Any] = {"id": number, "name": class_id, "supercategory": parent_id or ""}
    if template is None:
        return entry
    places = {node.node_id: at for at, node in enumerate(template.nodes, start=1)}
    entry["keypoints"] = _names(template)
    entry["skeleton"] = [[places[one], places[other]] for one, other in template.edges]
    entry["goldsmith"] = template.model_dump(mode="json")
    return entry


def _names(template: SkeletonTemplate) -> list[str]:
    """Return the nodes' names, or their ids where names repeat."""
    names = [node.name for node in template.nodes]
    return names if len(set(names)) == len(names) else [node.node_id for node in template.nodes]


def _template(category: CocoCategory) -> SkeletonTemplate | None:
    names = category.keypoints
    if not names:
        return None
    own = _own_template(category)
    if own is not None and _names(own) == names:
        return own
    try:
        edges = (
            msgspec.json.decode(bytes(category.skeleton) or b"[]", type=list[tuple[int, int]] | None) or []
        )
    except (msgspec.MsgspecError, RecursionError):
        edges = []
    try:
        return spread_template(names, edges=[(one - 1, other - 1) for one, other in edges])
    except ValidationError:
        return None


def _own_template(category: CocoCategory) -> SkeletonTemplate | None:
    if not bytes(category.goldsmith):
        return None
    try:
        return SkeletonTemplate.model_validate(msgspec.json.decode(category.goldsmith))
    except (ValidationError, msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
