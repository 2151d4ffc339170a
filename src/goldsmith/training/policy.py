"""Pure decisions of training: what a model's classes are called elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from goldsmith.core.ontology import Ontology


def match_classes(
    class_ids: Sequence[str], *, learnt_with: Ontology, wanted: Ontology, geometry_kind: str | None = None
) -> list[str | None]:
    """Find a model's classes in another ontology: by id, or else by name, whatever the case.

    Args:
        class_ids: Of the model's outputs.
        learnt_with: The ontology of its dataset version; empty where it is not known.
        wanted: The ontology to speak in.
        geometry_kind: Only classes that may be drawn so; None for all.

    Returns:
        For each output the class id in ``wanted``; None where it has no such class.
    """
    usable = [
        entry for entry in wanted.classes if geometry_kind is None or geometry_kind in entry.geometry_kinds
    ]
    ids = {entry.class_id for entry in usable}
    by_name = {entry.name.casefold(): entry.class_id for entry in reversed(usable)}
    names = {entry.class_id: entry.name.casefold() for entry in learnt_with.classes}
    taken_ids = {entry.class_id for entry in wanted.classes}
    return [
        class_id
        if class_id in ids
        # an id that is there but not usable means that class, and not another one of the same name
        else None
        if class_id in taken_ids
        else by_name.get(names.get(class_id, ""))
        for class_id in class_ids
    ]
