"""Every difference between two ontologies that concerns labels, weighed by how many labels it touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from goldsmith.core.geometry.conversions import can_convert
from goldsmith.core.ontology import Attribute, AttributeKind, LabelClass, Ontology
from goldsmith.projects.types import (
    Finding,
    OntologyUse,
    Remedy,
    Severity,
    Subject,
)


def compare(old: Ontology, new: Ontology, use: OntologyUse | None) -> Iterator[Finding]:
    """Yield the differences, in the order of the old ontology.

    Args:
        old: The ontology in force.
        new: The ontology to come.
        use: Counts of labels in force; None takes every part for used once, which tells what could break.
    """
    new_classes = {entry.class_id: entry for entry in new.classes}
    old_ids = {entry.class_id for entry in old.classes}
    for before in old.classes:
        after = new_classes.get(before.class_id)
        if after is None:
            yield _removed_class(before, new, old_ids, use)
        else:
            yield from _compare_class(before, after, use)
    for added in new.classes:
        if added.class_id not in old_ids:
            what = f"class {added.name!r} is new"
            yield _info("class_added", Subject(class_id=added.class_id), what)
    yield from _compare_attributes(
        old.questions,
        new.questions,
        class_id=None,
        use=use,
        total=1 if use is None else use.labellings,
    )
    yield from _compare_relation_types(old, new)


def _compare_relation_types(old: Ontology, new: Ontology) -> Iterator[Finding]:
    """Yield what becomes of relations; how many labels have them is not counted, so nothing of it is refused."""
    after = {entry.relation_type_id: entry for entry in new.relation_types}
    for before in old.relation_types:
        now = after.pop(before.relation_type_id, None)
        if now is None:
            what = f"relation {before.name!r} is removed; labels are shown without it"
            yield _warning("relation_type_removed", what)
            continue
        if now.name != before.name:
            yield _info(
                "relation_type_renamed", Subject(), f"relation {before.name!r} is now called {now.name!r}"
            )
        if (
            _loses(before.from_class_ids, now.from_class_ids)
            or _loses(before.to_class_ids, now.to_class_ids)
            or (now.is_directed and not before.is_directed)
        ):
            what = f"relation {now.name!r} leads between fewer classes; what it no longer allows is not shown"
            yield _warning("relation_type_narrowed", what)
    for added in after.values():
        yield _info("relation_type_added", Subject(), f"relation {added.name!r} is new")


def _loses(before: Sequence[str], after: Sequence[str]) -> bool:
    """Say whether a list of classes, where none stands for all, has become shorter."""
    return bool(after) and (not before or not set(before) <= set(after))


def _removed_class(before: LabelClass, new: Ontology, old_ids: set[str], use: OntologyUse | None) -> Finding:
    count = 1 if use is None else use.classes.get(before.class_id, 0)
    twins = [
        entry.class_id
        for entry in new.classes
        if entry.class_id not in old_ids and entry.name.casefold() == before.name.casefold()
    ]
    return _weighed(
        "class_removed",
        Subject(class_id=before.class_id),
        f"class {before.name!r} is removed",
        count,
        (Remedy.MAP, Remedy.DROP),
        suggestion=twins[0] if twins else None,
    )


def _compare_class(before: LabelClass, after: LabelClass, use: OntologyUse | None) -> Iterator[Finding]:
    class_id = before.class_id
    if before.name != after.name:
        what = f"class {before.name!r} is now called {after.name!r}"
        yield _info("class_renamed", Subject(class_id=class_id), what)
    if before.parent_id != after.parent_id:
        what = f"class {after.name!r} moved from under {before.parent_id!r} to under {after.parent_id!r}"
        yield _info("class_moved", Subject(class_id=class_id), what)
    for kind in before.geometry_kinds:
        if kind not in after.geometry_kinds:
            count = 1 if use is None else use.geometries.get((class_id, kind), 0)
            is_convertible = can_convert(kind, after.geometry_kinds)
            yield _weighed(
                "geometry_dropped",
                Subject(class_id=class_id, geometry_kind=kind),
                f"class {after.name!r} can no longer be drawn as {kind}",
                count,
                (Remedy.CONVERT, Remedy.DROP) if is_convertible else (Remedy.DROP,),
            )
    yield from _compare_skeletons(before, after, use)
    total = 1 if use is None else use.classes.get(class_id, 0)
    yield from _compare_attributes(
        before.attributes, after.attributes, class_id=class_id, use=use, total=total
    )


def _compare_skeletons(before: LabelClass, after: LabelClass, use: OntologyUse | None) -> Iterator[Finding]:
    if before.skeleton is None or after.skeleton is None:
        return
    if "skeleton" not in before.geometry_kinds or "skeleton" not in after.geometry_kinds:
        return
    subject = Subject(class_id=before.class_id, geometry_kind="skeleton")
    old_ids, new_ids = before.skeleton.node_ids(), after.skeleton.node_ids()
    lost = [node_id for node_id in old_ids if node_id not in new_ids]
    added = [node_id for node_id in new_ids if node_id not in old_ids]
    if lost:
        count = 1 if use is None else use.geometries.get((before.class_id, "skeleton"), 0)
        what = f"the skeleton of class {after.name!r} loses the nodes {lost}"
        yield _weighed("skeleton_nodes_removed", subject, what, count, (Remedy.CONVERT, Remedy.DROP))
    if added:
        what = f"the skeleton of class {after.name!r} has the new nodes {added}; in older labels they are outside"
        yield _info("skeleton_nodes_added", subject, what)


def _compare_attributes(
    before: Sequence[Attribute],
    after: Sequence[Attribute],
    *,
    class_id: str | None,
    use: OntologyUse | None,
    total: int,
) -> Iterator[Finding]:
    by_id = {attribute.attribute_id: attribute for attribute in after}
    old_by_id = {attribute.attribute_id: attribute for attribute in before}
    for old in before:
        count = 1 if use is None else use.attributes.get((class_id, old.attribute_id), 0)
        subject = Subject(class_id=class_id, attribute_id=old.attribute_id)
        new = by_id.get(old.attribute_id)
        if new is None:
            what = f"{_noun(class_id)} {old.name!r} is removed"
            yield _weighed("attribute_removed", subject, what, count, (Remedy.MAP, Remedy.DROP))
        elif new.kind != old.kind:
            what = f"{_noun(class_id)} {old.name!r} changes from {old.kind} to {new.kind}"
            yield _weighed("attribute_kind_changed", subject, what, count, (Remedy.DROP,))
        else:
            yield from _compare_values(old, new, class_id=class_id, use=use, count=count)
    for new in after:
        known = old_by_id.get(new.attribute_id)
        if known is None and not new.is_required:
            subject = Subject(class_id=class_id, attribute_id=new.attribute_id)
            yield _info("attribute_added", subject, f"{_noun(class_id)} {new.name!r} is new")
        elif _is_asked_more(known, new):
            answered = (
                0
                if use is None or known is None or known.kind != new.kind
                else use.attributes.get((class_id, new.attribute_id), 0)
            )
            yield _newly_required(new, class_id, max(total - answered, 0))


def _compare_values(
    old: Attribute, new: Attribute, *, class_id: str | None, use: OntologyUse | None, count: int
) -> Iterator[Finding]:
    subject = Subject(class_id=class_id, attribute_id=old.attribute_id)
    kept = {option.option_id for option in new.options}
    for option in old.options:
        if option.option_id not in kept:
            key = (class_id, old.attribute_id, option.option_id)
            yield _weighed(
                "option_removed",
                Subject(class_id=class_id, attribute_id=old.attribute_id, option_id=option.option_id),
                f"option {option.name!r} of {_noun(class_id)} {old.name!r} is removed",
                1 if use is None else use.options.get(key, 0),
                (Remedy.MAP, Remedy.DROP),
            )
    added = [
        option.name for option in new.options if option.option_id not in {o.option_id for o in old.options}
    ]
    if new.kind == AttributeKind.RANKING and added:
        what = (
            f"{_noun(class_id)} {old.name!r} ranks {added} too; older rankings, which do not, are not shown"
        )
        severity = Severity.WARNING if count else Severity.INFO
        yield Finding(code="ranking_grew", severity=severity, subject=subject, what=what, use_count=count)
    if _is_narrower(old, new):
        what = f"the range of {_noun(class_id)} {old.name!r} is narrower; values may lie outside"
        yield _weighed("range_narrowed", subject, what, count, (Remedy.KEEP, Remedy.DROP))
    if old.condition != new.condition and not new.is_required:
        what = f"{_noun(class_id)} {old.name!r} is asked under another condition"
        yield Finding(
            code="condition_changed",
            severity=Severity.WARNING if count else Severity.INFO,
            subject=subject,
            what=what,
            use_count=count,
        )


def _newly_required(new: Attribute, class_id: str | None, missing: int) -> Finding:
    return _weighed(
        "value_required",
        Subject(class_id=class_id, attribute_id=new.attribute_id),
        f"{_noun(class_id)} {new.name!r} is now required",
        missing,
        (Remedy.FILL, Remedy.KEEP),
    )


def _is_asked_more(old: Attribute | None, new: Attribute) -> bool:
    if not new.is_required:
        return False
    if old is None or not old.is_required or old.kind != new.kind:
        return True
    return old.condition is not None and old.condition != new.condition


def _is_narrower(old: Attribute, new: Attribute) -> bool:
    is_higher = new.minimum is not None and (old.minimum is None or new.minimum > old.minimum)
    is_lower = new.maximum is not None and (old.maximum is None or new.maximum < old.maximum)
    return old.kind == AttributeKind.NUMBER and (is_higher or is_lower)


def _weighed(
    code: str,
    subject: Subject,
    what: str,
    use_count: int,
    remedies: tuple[Remedy, ...],
    *,
    suggestion: str | None = None,
) -> Finding:
    """A finding that breaks what uses it, and is only worth a word where nothing does."""
    if use_count == 0:
        return _info(code, subject, f"{what}; no label uses it")
    return Finding(
        code=code,
        severity=Severity.BREAKING,
        subject=subject,
        what=f"{what}; {use_count} labels are touched",
        use_count=use_count,
        remedies=remedies,
        suggestion=suggestion,
    )


def _warning(code: str, what: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, subject=Subject(), what=what, use_count=0)


def _info(code: str, subject: Subject, what: str) -> Finding:
    return Finding(code=code, severity=Severity.INFO, subject=subject, what=what, use_count=0)


def _noun(class_id: str | None) -> str:
    return "question" if class_id is None else f"attribute of class {class_id!r}"
