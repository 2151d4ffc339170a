"""Pure decisions of training: what can be learnt from, and what a model's classes are called elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.ontology import Ontology


def require_images(card: Mapping[str, object], *, what_for: str) -> None:
    """Refuse a dataset version that a detector cannot look at.

    Args:
        card: Datasheet of the version; those of before there were texts do not tell, and are all of images.
        what_for: What it is wanted for, such as "training".

    Raises:
        InvalidInputError: It holds texts or documents.
    """
    media = card.get("media")
    counts = media if isinstance(media, dict) else {}
    others = sum(count for kind, count in counts.items() if kind != "image")
    if others:
        raise InvalidInputError(
            f"{what_for} looks at images, and {others} items of this dataset version are texts or documents; "
            "cut a version from projects of images"
        )


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
