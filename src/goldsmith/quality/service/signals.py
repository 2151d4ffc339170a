"""The job that looks for signs against people's work, and for gold that cannot be trusted; and what follows."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from goldsmith.core.annotations import Labelling
from goldsmith.items.api import KEPT_FROM
from goldsmith.platform.database import Transaction
from goldsmith.platform.jobs import JobContext
from goldsmith.projects.api import Consequences, Reaction
from goldsmith.quality.comparing import compare_all
from goldsmith.quality.policy import draw_evidence
from goldsmith.quality.policy.consequences import Raising, what_to_raise
from goldsmith.quality.policy.gold import GoldAnswer, GoldFailure, failures
from goldsmith.quality.reading import LabelReader
from goldsmith.quality.service.gold import GoldKeeping
from goldsmith.quality.service.standing import Standing
from goldsmith.quality.signalling import HandedIn, PersonFinding, find_signals, without_before
from goldsmith.quality.store import gold as gold_store
from goldsmith.quality.store import people, versions
from goldsmith.quality.store.people import DayCount
from goldsmith.quality.types import (
    METHOD_BULK,
    METHOD_DETECTION,
    ConsequenceEvidence,
    ConsequenceKind,
    EvidenceNumber,
    Signal,
    StoredConsequence,
)

_CHUNK_TASKS: Final = 200
Earlier = dict[tuple[str, Signal], list[StoredConsequence]]


class _Seen(NamedTuple):
    """All that the job looks at."""

    project_id: str
    entries: list[HandedIn]
    gold: dict[str, Labelling]
    answers: list[GoldAnswer]
    uncounted: set[str]


class Signalling(Standing, GoldKeeping):
    """The part of the service that looks for signs."""

    def request_signals(self, tx: Transaction, *, project_id: str, created_by: str) -> str:
        """Queue the job; one at a time for each project."""
        return self._enqueue_signals(tx, project_id=project_id, created_by=created_by)

    def look_for_signals(self, context: JobContext) -> dict[str, Any]:
        """Look at everybody's work of a project, and raise what its policy says; all of that in one transaction.

        Args:
            context: ``args``: ``project_id``.
        """
        project_id = context.args["project_id"]
        context.progress(0, 4, "reading gold")
        reader = self._reader(project_id)
        answers = self._check_gold(context, project_id, reader)
        context.progress(1, 4, "reading submissions")
        seen = self._see(project_id, reader, answers)
        context.progress(2, 4, "looking for signs")
        found = self._findings(seen)
        context.progress(3, 4, "comparing day by day")
        days = self._days(seen, reader)

        def write(tx: Transaction) -> int:
            people.replace_days(tx, project_id, days)
            return self._raise_found(tx, project_id, found)

        raised = context.step_in_transaction("signals", write)
        return {"found": len(found), "raised": raised, "uncounted_gold": len(seen.uncounted)}

    # --- parts

    def _see(self, project_id: str, reader: LabelReader, answers: list[GoldAnswer]) -> _Seen:
        gold = self._gold(project_id, reader)
        count = self._read(lambda tx: self._count(tx, project_id))
        rows = itertools.chain.from_iterable(self.labeling.iter_counted(project_id))
        entries = [
            HandedIn(reader.vote(row), row.active_ms, row.created_ms)
            for row in draw_evidence(rows, count=count, always=gold)
        ]
        uncounted = self._read(lambda tx: gold_store.uncounted(tx, project_id))
        return _Seen(project_id, entries, gold, answers, uncounted)

    def _findings(self, seen: _Seen) -> list[tuple[PersonFinding, Raising]]:
        """Return what is to be raised: found on all work, and again on what came after an earlier consequence."""
        setup = self._read(lambda tx: self.projects.get_setup(tx, seen.project_id))
        earlier, has_course = self._read(
            lambda tx: (self._earlier(tx, seen.project_id), self.has_course(tx, seen.project_id))
        )
        found = find_signals(seen.entries, seen.gold, ontology=setup.ontology)
        found += [_in_words(entry) for entry in failures(seen.answers, uncounted=seen.uncounted, since_ms={})]
        kept = []
        for finding in found:
            key = (finding.member_id, finding.signal)
            raising = what_to_raise(
                _wanted(setup.quality.consequences, finding), earlier.get(key, []), has_course=has_course
            )
            if raising.kind is None:
                continue
            again = None
            if raising.since_ms > 0:
                again = self._again(seen, finding, raising.since_ms, ontology=setup.ontology)
                if again is None:
                    continue
            kept.append((finding if again is None else again, raising))
        return kept

    @staticmethod
    def _again(seen: _Seen, finding: PersonFinding, since_ms: int, *, ontology: Any) -> PersonFinding | None:
        """Return the finding as later work alone shows it; None when it does not."""
        member_id = finding.member_id
        if finding.signal is Signal.GOLD:
            later = failures(seen.answers, uncounted=seen.uncounted, since_ms={member_id: since_ms})
            return next((_in_words(entry) for entry in later if entry.member_id == member_id), None)
        entries = without_before(seen.entries, member_id=member_id, since_ms=since_ms)
        return next(
            (
                entry
                for entry in find_signals(entries, seen.gold, ontology=ontology)
                if (entry.member_id, entry.signal) == (member_id, finding.signal)
            ),
            None,
        )

    def _raise_found(
        self, tx: Transaction, project_id: str, found: Sequence[tuple[PersonFinding, Raising]]
    ) -> int:
        """Raise what was found, but for what was raised, lifted or switched off meanwhile."""
        setup = self.projects.get_setup(tx, project_id)
        earlier, has_course = self._earlier(tx, project_id), self.has_course(tx, project_id)
        raised = 0
        for finding, expected in found:
            key = (finding.member_id, finding.signal)
            wanted = _wanted(setup.quality.consequences, finding)
            raising = what_to_raise(wanted, earlier.get(key, []), has_course=has_course)
            if raising.kind is None or raising != expected:
                continue
            self._raise(
                tx,
                project_id=project_id,
                workspace_id=setup.project.workspace_id,
                member_id=finding.member_id,
                kind=raising.kind,
                signal=finding.signal,
                evidence=finding.evidence,
            )
            raised += 1
        return raised

    def _earlier(self, tx: Transaction, project_id: str) -> Earlier:
        found: Earlier = defaultdict(list)
        for entry in people.list_consequences(tx, project_id):
            found[entry.member_id, entry.signal].append(entry)
        return found

    def _days(self, seen: _Seen, reader: LabelReader) -> list[DayCount]:
        """Compare everybody's work with what was decided in the end, and with gold that counts, day by day."""
        counts: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0.0, 0, 0])
        for answer in seen.answers:
            if answer.task_id not in seen.uncounted:
                of_day = counts[answer.member_id, _day(answer.at_ms)]
                of_day[2] += answer.right
                of_day[3] += answer.total
        gold = {answer.task_id for answer in seen.answers}
        by_task: dict[str, list[HandedIn]] = defaultdict(list)
        for handed_in in seen.entries:
            if handed_in.vote.task_id not in gold:
                by_task[handed_in.vote.task_id].append(handed_in)
        task_ids = sorted(by_task)
        for start in range(0, len(task_ids), _CHUNK_TASKS):
            decided = self._decided(task_ids[start : start + _CHUNK_TASKS], by_task, reader)
            pairs = [(entry, known) for task_id, known in decided.items() for entry in by_task[task_id]]
            compared = compare_all(
                [(entry.vote.labelling, known) for entry, known in pairs],
                relation_types=reader.relation_types,
            )
            for (entry, _), comparison in zip(pairs, compared, strict=True):
                of_day = counts[entry.vote.member_id, _day(entry.created_ms)]
                of_day[0] += comparison.total
                of_day[1] += comparison.right
        return [
            DayCount(member_id, day, int(decisions), agreed, int(right), int(total))
            for (member_id, day), (decisions, agreed, right, total) in sorted(counts.items())
        ]

    def _decided(
        self, task_ids: Sequence[str], by_task: Mapping[str, Sequence[HandedIn]], reader: LabelReader
    ) -> dict[str, Labelling]:
        """Return what was decided of tasks on which somebody's work can be compared with others'."""
        views = self._read(lambda tx: versions.newest_for(tx, task_ids))
        decided = {}
        for task_id, view in views.items():
            is_alone = view.method == METHOD_DETECTION and len(by_task[task_id]) < 2
            if not is_alone and view.method != METHOD_BULK:
                decided[task_id] = reader.view(view).labelling.sure_from(KEPT_FROM)
        return decided


def _wanted(policy: Consequences, finding: PersonFinding) -> ConsequenceKind | None:
    """Return what the policy says; nothing harsher than telling where it may be the other's doing."""
    reaction: Reaction = getattr(policy, finding.signal.value)
    if reaction is Reaction.OFF:
        return None
    return ConsequenceKind(reaction.value) if finding.is_certain else ConsequenceKind.TELL


def _in_words(failure: GoldFailure) -> PersonFinding:
    share = failure.right / failure.total
    return PersonFinding(
        member_id=failure.member_id,
        signal=Signal.GOLD,
        severity=min(max(1.0 - share / max(failure.usual, 1e-9), 1e-6), 1.0),
        is_certain=True,
        evidence=ConsequenceEvidence(
            sentence=(
                f"{share * 100:.0f} % of {failure.total} decisions on tasks whose answer is known were right; "
                f"of the others' decisions, {failure.usual * 100:.0f} %."
            ),
            numbers=[
                EvidenceNumber(
                    name="share right where the answer is known",
                    value=round(share, 4),
                    usual=round(failure.usual, 4),
                ),
                EvidenceNumber(name="decisions compared", value=failure.total, usual=None),
            ],
            task_ids=list(failure.task_ids),
        ),
    )


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()
