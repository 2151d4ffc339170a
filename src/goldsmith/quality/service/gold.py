"""Gold upkeep: made of reviewed tasks, retired and restored, and looked at when it is doubtful or got about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Final

from goldsmith.accounts.api import Access, audit
from goldsmith.core.errors import NotFoundError
from goldsmith.labeling.api import GoldTaskFact, TaskState
from goldsmith.platform.database import Transaction
from goldsmith.platform.jobs import JobContext
from goldsmith.quality.comparing import compare_all
from goldsmith.quality.policy.gold import GoldAnswer, GoldCheck, check_gold
from goldsmith.quality.reading import LabelReader
from goldsmith.quality.service.foundation import Foundation
from goldsmith.quality.store import fits
from goldsmith.quality.store import gold as store
from goldsmith.quality.types import GoldNote, GoldScore, GoldTask, MadeGold


class GoldKeeping(Foundation):
    """The part of the service that keeps known answers in shape."""

    def list_gold(self, tx: Transaction, project_id: str) -> list[GoldTask]:
        """Return the hidden gold of a project: what needs a look first, then the least used."""
        notes = store.notes_of(tx, project_id)
        found = [
            _gold_task(fact, notes.get(fact.task_id, GoldNote(fact.task_id)))
            for fact in self.labeling.gold_tasks(tx, project_id)
        ]
        return sorted(found, key=lambda task: not (task.is_doubtful or task.is_leaked))

    def make_gold(
        self, tx: Transaction, access: Access, *, project_id: str, task_ids: Sequence[str]
    ) -> MadeGold:
        """Make reviewed tasks hidden gold; others, and those that are gold already, are left as they are."""
        wanted = list(dict.fromkeys(task_ids))
        gold = {fact.task_id for fact in self.labeling.gold_tasks(tx, project_id)}
        fresh = [task_id for task_id in wanted if task_id not in gold]
        answers = self.labeling.known_answers(tx, project_id=project_id, task_ids=fresh)
        if answers:
            self.labeling.mark_gold(tx, project_id=project_id, answers=answers, by=access.member_id)
            self._audit_gold(tx, access, "gold.made", project_id, detail={"tasks": sorted(answers)})
        return MadeGold(
            made=[task_id for task_id in wanted if task_id in answers],
            left=[task_id for task_id in wanted if task_id not in answers],
        )

    def retire_gold(self, tx: Transaction, access: Access, *, project_id: str, task_id: str) -> GoldTask:
        """Take a gold task out of the stream for good; again changes nothing.

        Raises:
            NotFoundError: The project has no such gold.
        """
        is_changed = self.labeling.rest_gold(
            tx, project_id=project_id, task_id=task_id, is_retired=True, by=access.member_id, why="by hand"
        )
        if is_changed:
            self._audit_gold(tx, access, "gold.retired", task_id, detail={"project_id": project_id})
        return self._gold_task(tx, project_id, task_id)

    def restore_gold(self, tx: Transaction, access: Access, *, project_id: str, task_id: str) -> GoldTask:
        """Put a gold task back into the stream, and settle what was doubted: its answer stands and counts again.

        Raises:
            NotFoundError: The project has no such gold.
        """
        self.labeling.rest_gold(
            tx, project_id=project_id, task_id=task_id, is_retired=False, by=access.member_id, why="by hand"
        )
        now_ms = self.machine.clock.now_ms()
        store.settle(tx, project_id=project_id, task_id=task_id, by=access.member_id, now_ms=now_ms)
        self._audit_gold(tx, access, "gold.restored", task_id, detail={"project_id": project_id})
        return self._gold_task(tx, project_id, task_id)

    # --- parts

    def _check_gold(self, context: JobContext, project_id: str, reader: LabelReader) -> list[GoldAnswer]:
        """Look at all answers to gold, and note which gold cannot be trusted; what leaked or is worn out is retired.

        Returns:
            All answers, those to gold that does not count among them.
        """
        answers = self._gold_answers(project_id, reader)
        notes, skill_of, policy = self._read(
            lambda tx: (
                store.notes_of(tx, project_id),
                fits.newest_skills(tx, project_id),
                self.projects.get_setup(tx, project_id).quality,
            )
        )
        settled = {note.task_id: note.settled_ms for note in notes.values() if note.settled_ms is not None}
        checks = check_gold(answers, skill_of, settled_ms=settled)
        fresh = [_note(task_id, check, notes.get(task_id)) for task_id, check in checks.items()]

        def write(tx: Transaction) -> int:
            # whoever settled a doubt meanwhile is right
            now = store.notes_of(tx, project_id)
            same = [
                note
                for note in fresh
                if _settled_ms(now.get(note.task_id)) == _settled_ms(notes.get(note.task_id))
            ]
            store.keep_notes(tx, same, project_id=project_id)
            for note in same:
                if note.leak is not None and (notes.get(note.task_id, _NOTHING).leak is None):
                    self._retire(tx, project_id, note.task_id, why="its answer may have got about")
            if policy.retire_gold_after is not None:
                for fact in self.labeling.gold_tasks(tx, project_id):
                    if fact.gold_uses >= policy.retire_gold_after and fact.state == TaskState.IDLE:
                        self._retire(tx, project_id, fact.task_id, why="used often enough")
            return len(same)

        context.step_in_transaction("gold", write)
        return answers

    def _retire(self, tx: Transaction, project_id: str, task_id: str, *, why: str) -> None:
        self.labeling.rest_gold(tx, project_id=project_id, task_id=task_id, is_retired=True, by=None, why=why)

    def _gold_answers(self, project_id: str, reader: LabelReader) -> list[GoldAnswer]:
        rows, times = self._read(
            lambda tx: (
                self.labeling.gold_evidence(tx, project_id),
                self.labeling.recent_times(tx, project_id),
            )
        )
        spent: dict[str, list[int]] = defaultdict(list)
        for member_id, active_ms in times:
            spent[member_id].append(active_ms)
        usual = {member_id: median(values) for member_id, values in spent.items()}
        known = {
            task_id: reader.labelling(text, made_with=version)
            for task_id, (text, version) in {
                row.task_id: (row.gold_labelling, row.gold_ontology_version) for row in rows
            }.items()
        }
        compared = compare_all(
            [
                (reader.labelling(row.labelling, made_with=row.ontology_version), known[row.task_id])
                for row in rows
            ],
            relation_types=reader.relation_types,
        )
        return [
            GoldAnswer(
                row.task_id,
                row.member_id,
                comparison.right,
                comparison.total,
                row.active_ms / usual[row.member_id] if row.active_ms and row.member_id in usual else None,
                row.created_ms,
            )
            for row, comparison in zip(rows, compared, strict=True)
        ]

    def _gold_task(self, tx: Transaction, project_id: str, task_id: str) -> GoldTask:
        for task in self.list_gold(tx, project_id):
            if task.task_id == task_id:
                return task
        raise NotFoundError("the project has no such gold task")

    def _audit_gold(
        self, tx: Transaction, access: Access, action: str, target: str, *, detail: dict[str, object]
    ) -> None:
        audit(
            tx,
            at_ms=self.machine.clock.now_ms(),
            action=action,
            target=target,
            access=access,
            detail=detail,
        )


def _note(task_id: str, check: GoldCheck, before: GoldNote | None) -> GoldNote:
    """Return how a task fares; what was found before stays found until somebody looked at it."""
    return GoldNote(
        task_id,
        check.right,
        check.total,
        check.skilled_right,
        check.skilled_total,
        check.doubt or (None if before is None else before.doubt),
        check.leak or (None if before is None else before.leak),
        _settled_ms(before),
    )


def _settled_ms(note: GoldNote | None) -> int | None:
    return None if note is None else note.settled_ms


_NOTHING: Final = GoldNote("")


def _gold_task(fact: GoldTaskFact, note: GoldNote) -> GoldTask:
    return GoldTask(
        task_id=fact.task_id,
        item_id=fact.item_id,
        item_name=fact.item_name,
        uses=fact.gold_uses,
        right=note.right,
        total=note.total,
        by_skilled=GoldScore(right=note.skilled_right, total=note.skilled_total),
        is_doubtful=note.doubt is not None,
        doubt=note.doubt,
        is_leaked=note.leak is not None,
        leak=note.leak,
        is_retired=fact.state == TaskState.DONE,
    )
