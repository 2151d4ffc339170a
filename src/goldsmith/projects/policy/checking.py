"""Whether a change of ontology is taken: every breaking difference must be answered by the migration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from goldsmith.core.ontology import Attribute, LabelClass, Ontology
from goldsmith.projects.policy.comparing import compare
from goldsmith.projects.types import (
    Fault,
    Finding,
    Migration,
    MigrationReport,
    OntologyUse,
    Remedy,
    Rule,
    Severity,
    Subject,
)

_SEVERITY_ORDER: Final = {Severity.BREAKING: 0, Severity.WARNING: 1, Severity.INFO: 2}


def may_touch_labels(old: Ontology, new: Ontology) -> bool:
    """Say whether a change could break any label, so that counting their use is worth the read."""
    return any(finding.remedies for finding in compare(old, new, None))


def check_change(
    old: Ontology, new: Ontology, *, use: OntologyUse, migration: Migration | None = None
) -> MigrationReport:
    """Tell what a change of ontology means for the labels in force.

    Args:
        old: The ontology in force.
        new: The ontology to come.
        use: How often labels use each part of ``old``.
        migration: What the caller says about breaking findings.
    """
    findings = list(compare(old, new, use))
    rules = [] if migration is None else migration.rules
    faults = [
        *_open_findings(findings, rules),
        *(fault for rule in rules for fault in _rule_faults(rule, findings, rules, old, new, use)),
    ]
    if not faults:
        findings.extend(finding for rule in rules for finding in _left_out(rule, old, new, use))
    findings.sort(key=lambda finding: _SEVERITY_ORDER[finding.severity])
    return MigrationReport(findings=findings, faults=faults)


def _open_findings(findings: Sequence[Finding], rules: Sequence[Rule]) -> Iterator[Fault]:
    said = {(rule.subject, rule.action) for rule in rules}
    for finding in findings:
        is_answered = any((finding.subject, remedy) in said for remedy in finding.remedies)
        if finding.severity is Severity.BREAKING and not is_answered:
            yield Fault(
                where=str(finding.subject),
                what=f"{finding.what}; say in the migration whether to {' or '.join(finding.remedies)}",
            )


def _rule_faults(
    rule: Rule,
    findings: Sequence[Finding],
    rules: Sequence[Rule],
    old: Ontology,
    new: Ontology,
    use: OntologyUse,
) -> Iterator[Fault]:
    where = str(rule.subject)
    answered = [finding for finding in findings if finding.subject == rule.subject]
    allowed = {remedy for finding in answered for remedy in finding.remedies}
    if rule.action not in allowed:
        can = f"it may say {sorted(allowed)}" if allowed else "nothing there needs a migration"
        yield Fault(where=where, what=f"the migration says {rule.action}; {can}")
        return
    rivals = [other for other in rules if other.subject == rule.subject and other is not rule]
    if any({other.action, rule.action} <= set(finding.remedies) for other in rivals for finding in answered):
        yield Fault(where=where, what="the migration says two things; leave one")
    what = None
    if rule.action is Remedy.MAP:
        what = _map_fault(rule, old, new, use)
    elif rule.action is Remedy.FILL:
        what = _fill_fault(rule, new)
    if what is not None:
        yield Fault(where=where, what=what)


def _map_fault(rule: Rule, old: Ontology, new: Ontology, use: OntologyUse) -> str | None:
    subject = rule.subject
    if rule.to is None:
        return "map needs the id to map to, as to"
    if subject.attribute_id is None:
        return _map_class_fault(str(subject.class_id), rule.to, old, new, use)
    if subject.option_id is not None:
        attribute = _attribute(new, subject)
        options = set() if attribute is None else {option.option_id for option in attribute.options}
        return None if rule.to in options else f"{rule.to!r} is not an option of the new ontology"
    before = _attribute(old, subject)
    after = _attribute(new, subject.model_copy(update={"attribute_id": rule.to}))
    if after is None or before is None or after.kind != before.kind:
        return f"{rule.to!r} is not an attribute of the same kind in the new ontology"
    kept = {option.option_id for option in after.options}
    lost = sorted(
        option.option_id
        for option in before.options
        if option.option_id not in kept
        and use.options.get((subject.class_id, before.attribute_id, option.option_id))
    )
    return f"{rule.to!r} lacks the options {lost} that labels use" if lost else None


def _map_class_fault(class_id: str, to: str, old: Ontology, new: Ontology, use: OntologyUse) -> str | None:
    target = new.find_class(to)
    if target is None:
        return f"{to!r} is not a class of the new ontology"
    kinds = {kind for (used, kind), count in use.geometries.items() if used == class_id and count}
    lost = sorted(kinds - set(target.geometry_kinds))
    if lost:
        return f"class {to!r} cannot be drawn as {lost}, which labels use"
    source = old.find_class(class_id)
    if "skeleton" not in kinds or source is None or source.skeleton is None or target.skeleton is None:
        return None
    missing = sorted(set(source.skeleton.node_ids()) - set(target.skeleton.node_ids()))
    return f"the skeleton of class {to!r} lacks the nodes {missing}" if missing else None


def _fill_fault(rule: Rule, new: Ontology) -> str | None:
    attribute = _attribute(new, rule.subject)
    if attribute is None or rule.value is None:
        return "fill needs a value"
    fault = attribute.fault_of(rule.value)
    return None if fault is None else f"the value {fault}"


def _left_out(rule: Rule, old: Ontology, new: Ontology, use: OntologyUse) -> Iterator[Finding]:
    """Tell which attributes objects lose, or lack, when their class is mapped to another."""
    if rule.action is not Remedy.MAP or rule.subject.attribute_id is not None or rule.to is None:
        return
    before, after = old.find_class(str(rule.subject.class_id)), new.find_class(rule.to)
    if before is None or after is None:
        return
    yield from _attributes_lost(before, after, use)


def _attributes_lost(before: LabelClass, after: LabelClass, use: OntologyUse) -> Iterator[Finding]:
    kept = {(attribute.attribute_id, attribute.kind) for attribute in after.attributes}
    for attribute in before.attributes:
        count = use.attributes.get((before.class_id, attribute.attribute_id), 0)
        if count and (attribute.attribute_id, attribute.kind) not in kept:
            yield Finding(
                code="attribute_left_out",
                severity=Severity.WARNING,
                subject=Subject(class_id=before.class_id, attribute_id=attribute.attribute_id),
                what=f"class {after.name!r} has no attribute {attribute.name!r}; {count} values are left out",
                use_count=count,
            )


def _attribute(ontology: Ontology, subject: Subject) -> Attribute | None:
    if subject.class_id is None:
        attributes = ontology.questions
    else:
        label_class = ontology.find_class(subject.class_id)
        attributes = [] if label_class is None else label_class.attributes
    return next((entry for entry in attributes if entry.attribute_id == subject.attribute_id), None)
