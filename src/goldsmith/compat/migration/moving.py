"""Moving house: project by project, page by page, each thing with its line in the journal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Final, TypeVar

import structlog

from goldsmith.compat.migration import journal
from goldsmith.compat.migration.comparing import compared, differing
from goldsmith.compat.migration.source import PAGE, Source
from goldsmith.compat.migration.team import group_key
from goldsmith.compat.migration.types import (
    Document,
    House,
    Kind,
    Left,
    Plan,
    Report,
    Tally,
    TaskKind,
)
from goldsmith.core.errors import (
    DatabaseBusyError,
    GoldsmithError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
)
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told what is moved, how many are done, and how many there are."""

_log = structlog.get_logger()
_DOWNLOADS_AT_ONCE: Final = 8
_COMPARED_AT_ONCE: Final = 200
_MOST_LEFT: Final = 1000
_MOST_DIFFERENT: Final = 100
_KINDS: Final[tuple[Kind, ...]] = (
    "project",
    "batch",
    "person",
    "group",
    "task",
    "evaluation",
    "training",
    "file",
)
_KNOWN: Final[tuple[TaskKind, ...]] = ("evaluation", "training")
_GONE_HERE: Final[Mapping[Kind, str]] = {
    "person": "they are neither a member here nor invited any more; invite them on the page Members"
}
_NEVER_LISTED: Final = (
    "evaluation and training tasks: no client can list them; --quality-tasks takes the ids that you kept"
)
_NEVER_ASKED: Final = (
    "uploaded files that no task names: no client can fetch them",
    "comments of audits: a client hears the verdict alone",
    "groups of batches that are completed, and whom a completed task was given to",
)


class Move:
    """One move, which may be run again: what is here stays, what is new or was left comes.

    Args:
        machine: Clock and database of this installation.
        source: The other place.
        house: This installation.
        plan: What is moved where.
        progress: Told how far it is.
    """

    def __init__(
        self, machine: Machine, source: Source, house: House, plan: Plan, *, progress: Progress | None = None
    ) -> None:
        self._machine = machine
        self._source = source
        self._house = house
        self._plan = plan
        self._tell = progress or (lambda *_: None)

    def run(self) -> Report:
        """Move, then compare both ends.

        Raises:
            NotAuthenticatedError: The other place does not know the key.
            DependencyError: The other place cannot be reached; run it again to go on.
        """
        projects = self._source.projects()
        for number, document in enumerate(projects, 1):
            self._move("project", document["name"], document, self._house.put_project)
            self._tell("projects", number, len(projects))
        batches = self._source.count_batches()
        for number, document in enumerate(self._source.batches(), 1):
            self._move("batch", document["name"], document, self._house.put_batch)
            self._tell("batches", number, max(batches, number))
        names = [document["name"] for document in projects]
        there: dict[str, int] = {"project": len(projects), "batch": batches}
        there |= self._move_people(names)
        there["task"] = self._move_kind("task", names)
        for kind in _KNOWN:
            if self._source.lists(kind):
                there[kind] = self._move_kind(kind, names)
        self._move_by_ids()
        return self._report(there)

    # --- moving

    def _move_people(self, projects: Sequence[str]) -> dict[str, int]:
        """Move the team and the groups of projects; return how many there are of each."""
        people = self._source.people()
        for number, document in enumerate(people, 1):
            self._move_anew("person", document["email"], document, self._house.put_person)
            self._tell("people", number, len(people))
        groups = self._source.groups(projects)
        for number, document in enumerate(groups, 1):
            theirs = group_key(document["project"], document["name"])
            self._move_anew("group", theirs, document, self._house.put_group)
            self._tell("groups", number, len(groups))
        return {"person": len(people), "group": len(groups)}

    def _move_kind(self, kind: TaskKind, projects: Sequence[str]) -> int:
        """Move all tasks of a kind; return how many there are."""
        total, done = sum(self._source.count_tasks(name, kind) for name in projects), 0
        for name in projects:
            for page in _pages(self._source.tasks(name, kind), PAGE):
                self._move_tasks(kind, page)
                done += len(page)
                self._tell(f"{kind}s" if kind == "task" else f"{kind} tasks", done, max(total, done))
        return total

    def _move_by_ids(self) -> None:
        """Move those tasks with known answers that are named one by one."""
        for number, task_id in enumerate(self._plan.quality_task_ids, 1):
            try:
                document = self._source.task(task_id)
            except (NotFoundError, InvalidInputError) as error:
                self._leave("evaluation", task_id, error.detail)
                continue
            kind: TaskKind = "training" if document.get("purpose") == "training" else "evaluation"
            if document.get("expected_response") is None:
                self._leave(kind, task_id, "the other place does not tell its expected_response")
            else:
                self._move_tasks(kind, [document])
            self._tell("quality tasks", number, len(self._plan.quality_task_ids))

    def _move_anew(self, kind: Kind, theirs: str, document: Document, put: Callable[..., str]) -> None:
        """Move a thing that is not here yet, or that changed at the other place since it came."""
        if self._is_due(kind, theirs, document):
            self._try(kind, theirs, document, lambda: partial(put, plan=self._plan, document=document))

    def _move(self, kind: Kind, theirs: str, document: Document, put: Callable[..., str]) -> None:
        entry = self._entry(kind, theirs)
        if entry is not None and entry.outcome == "moved":
            return
        self._try(kind, theirs, document, lambda: partial(put, plan=self._plan, document=document))

    def _move_tasks(self, kind: TaskKind, page: list[Document]) -> None:
        due = [document for document in page if self._is_due(kind, document["task_id"], document)]
        addresses: dict[str, str] = {}
        for document in due:
            addresses |= self._house.file_addresses(document)
        with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
            kept = dict(zip(addresses, pool.map(self._keep, addresses.items()), strict=True))
        files = {address: sha256 for address, sha256 in kept.items() if sha256}
        for document in due:
            missing = [name for name in self._house.file_addresses(document) if name not in files]
            if missing:
                entry = self._entry("file", missing[0])
                reason = "" if entry is None else entry.reason
                self._leave(kind, document["task_id"], f"its file {missing[0][:200]} did not come: {reason}")
                continue
            prepare = partial(self._house.prepare_task, self._plan, document, files)
            self._try(kind, document["task_id"], document, prepare)

    def _is_due(self, kind: Kind, theirs: str, document: Document) -> bool:
        """Say whether a thing is not here yet, or went on at the other place since it came."""
        entry = self._entry(kind, theirs)
        if entry is None or entry.outcome == "left":
            return True
        before: dict[str, str] = json.loads(entry.digest)
        return before != compared(kind, document)

    def _keep(self, named: tuple[str, str]) -> str:
        """Bring a file here unless it is; returns its sha256, empty when it could not be brought."""
        name, address = named
        entry = self._entry("file", name)
        if entry is not None and entry.outcome == "moved":
            return entry.ours
        try:
            sha256 = self._house.keep_file(name, self._source.file(address))
        except NotAuthenticatedError:
            raise
        except GoldsmithError as error:
            self._leave("file", name, error.detail)
            return ""
        at_ms = self._machine.clock.now_ms()
        self._write(lambda tx: journal.put(tx, self._plan, "file", name, ours=sha256, at_ms=at_ms))
        return sha256

    def _try(
        self,
        kind: Kind,
        theirs: str,
        document: Document,
        prepare: Callable[[], Callable[[Transaction], str]],
    ) -> None:
        """Make a thing here together with its line in the journal; leave it, with the reason, where that fails."""

        def make(tx: Transaction) -> None:
            ours = put(tx)
            digest = json.dumps(compared(kind, document))
            at_ms = self._machine.clock.now_ms()
            journal.put(tx, self._plan, kind, theirs, ours=ours, digest=digest, at_ms=at_ms)

        try:
            put = prepare()
            self._write(make)
        except DatabaseBusyError:
            raise
        except GoldsmithError as error:
            self._leave(kind, theirs, error.detail)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            _log.info("not as the API tells it", kind=kind, theirs=theirs, exc_info=error)
            self._leave(
                kind, theirs, f"it is not as Scale's API tells it: {type(error).__name__} {error}"[:500]
            )

    def _leave(self, kind: Kind, theirs: str, reason: str) -> None:
        at_ms = self._machine.clock.now_ms()
        self._write(
            lambda tx: journal.put(tx, self._plan, kind, theirs, outcome="left", reason=reason, at_ms=at_ms)
        )

    def _entry(self, kind: Kind, theirs: str) -> journal.Entry | None:
        return self._read(lambda tx: journal.find(tx, self._plan, kind, theirs))

    # --- comparing

    def _report(self, there: dict[str, int]) -> Report:
        counts = self._read(lambda tx: journal.counts(tx, self._plan))
        tallies: dict[str, Tally] = {}
        different: list[Left] = []
        for kind in _KINDS:
            here, left = counts.get((kind, "moved"), 0), counts.get((kind, "left"), 0)
            found = list(self._differences(kind, here)) if kind != "file" else []
            different += found
            tallies[kind] = Tally(
                there=there.get(kind, here + left),
                here=here,
                left=left,
                equal=here - len(found),
                different=len(found),
            )
        is_listed = all(kind in there for kind in _KNOWN)
        return Report(
            source=self._plan.source,
            tallies=tallies,
            left=self._read(lambda tx: journal.left(tx, self._plan, limit=_MOST_LEFT)),
            different=different[:_MOST_DIFFERENT],
            never_asked=list(_NEVER_ASKED) if is_listed else [_NEVER_LISTED, *_NEVER_ASKED],
            invitations=dict(self._house.invitations()),
        )

    def _differences(self, kind: Kind, total: int) -> Iterator[Left]:
        after, done = "", 0
        pages = partial(journal.page, plan=self._plan, kind=kind, limit=_COMPARED_AT_ONCE)
        while page := self._read(partial(pages, after=after)):
            for theirs, entry in page:
                ours = self._house.body(self._plan, kind, theirs, entry.ours)
                if ours is None:
                    yield Left(kind=kind, name=theirs, reason=_GONE_HERE.get(kind, "it is gone here"))
                    continue
                here = compared(kind, ours, prefix=self._plan.prefix)
                fields = differing(json.loads(entry.digest), here)
                if fields:
                    yield Left(kind=kind, name=theirs, reason=f"not the same: {', '.join(fields)}")
            after, done = page[-1][0], done + len(page)
            self._tell(f"comparing {kind}s", done, total)

    def _read(self, operation: Callable[[Transaction], T]) -> T:
        return self._machine.database.read_sync(operation)

    def _write(self, operation: Callable[[Transaction], None]) -> None:
        self._machine.database.write_sync(operation)


def plan_of(
    *, workspace_id: str, actor: str, source: Source, prefix: str, quality_task_ids: Sequence[str] = ()
) -> Plan:
    """Return what is moved where.

    Raises:
        InvalidInputError: The prefix would make names too long.
    """
    if len(prefix) > 100:
        raise InvalidInputError("the prefix of project names has at most 100 characters")
    return Plan(workspace_id, actor, source.url, prefix, tuple(dict.fromkeys(quality_task_ids)))


def _pages(documents: Iterable[Document], size: int) -> Iterator[list[Document]]:
    waiting = iter(documents)
    while page := list(islice(waiting, size)):
        yield page
