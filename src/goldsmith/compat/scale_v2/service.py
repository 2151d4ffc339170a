"""The second version over the first one's service: one set of projects, batches and tasks behind both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from goldsmith.accounts.api import KeyAccess
from goldsmith.compat.scale_v1.service import ScaleService
from goldsmith.compat.scale_v1.service.foundation import space_of
from goldsmith.compat.scale_v1.service.responding import Told
from goldsmith.compat.scale_v1.store import batches as batch_rows
from goldsmith.compat.scale_v1.store import projects as project_rows
from goldsmith.compat.scale_v1.store import tasks as task_rows
from goldsmith.compat.scale_v1.store.batches import BatchFilter
from goldsmith.compat.scale_v1.types import BatchRow, BatchStatus, ProjectRow, Space, TaskFilter, TaskRow
from goldsmith.compat.scale_v1.words import iso, read_boolean, read_name, read_object
from goldsmith.compat.scale_v2.views import (
    ID_SEPARATOR,
    annotations_of,
    batch_body,
    deep_merged,
    project_body,
    task_body,
)
from goldsmith.core.errors import ConflictError, MalformedRequestError, NotFoundError
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import BatchState

_MOVES: Final = {
    "pause": (BatchState.PAUSED, "Batch paused."),
    "resume": (BatchState.OPEN, "Batch resumed."),
    "cancel": (BatchState.CANCELLED, "Batch cancelled."),
}


class Wanted(NamedTuple):
    """Which project and batch a request is about; each by id or by name.

    Attributes:
        expand: What is to stand in answers whole.
        options: What else is asked for.
    """

    project_id: str = ""
    project_name: str = ""
    batch_id: str = ""
    batch_name: str = ""
    expand: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()


class ScaleV2Service:
    """Projects, batches and tasks as ``client.v2`` knows them.

    Args:
        scale: The first version's service.
    """

    def __init__(self, scale: ScaleService) -> None:
        self.scale = scale
        self.machine = scale.machine

    # --- projects

    def get_project(self, tx: Transaction, key: KeyAccess, wanted: Wanted) -> dict[str, Any]:
        """Return a project; NotFoundError when there is none."""
        return project_body(self._project(tx, space_of(key), wanted))

    def list_projects(
        self, tx: Transaction, key: KeyAccess, *, is_wanted: Callable[[int], bool]
    ) -> dict[str, Any]:
        """Return the projects whose time of creation is wanted, oldest first."""
        found = project_rows.list_projects(tx, space_of(key), with_archived=False)
        return {"projects": [project_body(project) for project in found if is_wanted(project.created_ms)]}

    # --- batches

    def create_batch(self, tx: Transaction, key: KeyAccess, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make a batch; it is handed out at once unless it is to be staged.

        Raises:
            NotFoundError: There is no such project.
            ConflictError: The name is taken.
        """
        project = self._project(tx, space_of(key), wanted_of(body))
        batch = self.scale.make_batch(
            tx,
            key,
            project_name=project.name,
            name=read_name(body, "name"),
            callback=self.scale.steps.callbacks.checked_url(_text(body, "callback")),
            metadata=read_object(body, "metadata"),
            is_staged=read_boolean(body, "staging_batch"),
        )
        return batch_body(batch, None)

    def get_batch(self, tx: Transaction, key: KeyAccess, wanted: Wanted) -> dict[str, Any]:
        """Return a batch; NotFoundError when there is none."""
        batch = self._batch(tx, space_of(key), wanted)
        return self._batch_bodies(tx, space_of(key), [batch], wanted.expand)[0]

    def list_batches(
        self,
        tx: Transaction,
        key: KeyAccess,
        wanted: Wanted,
        found: BatchFilter,
        *,
        limit: int,
        offset: int,
    ) -> dict[str, Any]:
        """Return a page of batches, newest first."""
        space = space_of(key)
        if wanted.project_id or wanted.project_name:
            found = found._replace(project_id=self._project(tx, space, wanted).project_id)
        batches, total = batch_rows.list_batches(tx, space, found, limit=limit, offset=offset)
        bodies = self._batch_bodies(tx, space, batches, wanted.expand)
        has_more = offset + len(batches) < total
        return {"batches": bodies, "next_token": str(offset + len(batches)) if has_more else None}

    def finalize_batch(self, tx: Transaction, key: KeyAccess, wanted: Wanted) -> dict[str, Any]:
        """Hand the tasks of a staged batch out."""
        batch = self._batch(tx, space_of(key), wanted)
        return batch_body(self.scale.open_batch(tx, key, batch), None)

    def move_batch(self, tx: Transaction, key: KeyAccess, wanted: Wanted, *, move: str) -> dict[str, Any]:
        """Pause, resume or cancel a batch.

        Raises:
            NotFoundError: There is no such batch.
            ConflictError: It is not in a state from which it goes there.
        """
        batch = self._batch(tx, space_of(key), wanted)
        state, message = _MOVES[move]
        if move == "resume" and batch.status is not BatchStatus.PAUSED:
            raise ConflictError(f"The batch is {batch.status.value}; only a paused one is resumed.")
        if move != "resume" and batch.status is BatchStatus.COMPLETED:
            raise ConflictError("The batch is completed; there is nothing left to hold back.")
        self.scale.change_state(tx, key, batch, state)
        now = batch_rows.find_by_id(tx, batch.space, batch.batch_id)
        assert now is not None, "changed just now"
        return {"batch": batch_body(now, None), "message": message}

    def set_batch_metadata(self, tx: Transaction, key: KeyAccess, body: Mapping[str, Any]) -> dict[str, Any]:
        """Replace the metadata of a batch, or put what is given into it."""
        batch = self._batch(tx, space_of(key), wanted_of(body))
        given = read_object(body, "metadata")
        is_merged = read_boolean(body, "merge")
        metadata = deep_merged(batch.metadata, given) if is_merged else given
        self.scale.keep_batch_metadata(tx, batch, metadata)
        now = batch_rows.find_by_id(tx, batch.space, batch.batch_id)
        assert now is not None, "changed just now"
        return batch_body(now, None)

    # --- tasks

    async def get_task(self, key: KeyAccess, scale_id: str, wanted: Wanted) -> dict[str, Any]:
        """Return a task; NotFoundError when there is none."""
        space = space_of(key)

        def read(tx: Transaction) -> tuple[list[Told], _Around]:
            told = self.scale.told_of(tx, [self._task(tx, space, scale_id)])
            return told, self._around(tx, space, [entry.task for entry in told], wanted)

        told, around = await self.machine.database.read(read)
        return (await self._bodies(told, around))[0]

    async def list_tasks(
        self, key: KeyAccess, wanted: Wanted, found: TaskFilter, *, before: str, limit: int
    ) -> dict[str, Any]:
        """Return a page of tasks, newest first."""
        space = space_of(key)

        def read(tx: Transaction) -> tuple[list[TaskRow], list[Told], _Around]:
            narrowed = found
            if wanted.project_id or wanted.project_name:
                narrowed = narrowed._replace(project_id=self._project(tx, space, wanted).project_id)
            if wanted.batch_id or wanted.batch_name:
                narrowed = narrowed._replace(batch_id=self._batch(tx, space, wanted).batch_id)
            rows = task_rows.list_tasks(tx, space, narrowed, before=before, limit=limit + 1)
            told = self.scale.told_of(tx, rows[:limit])
            return rows, told, self._around(tx, space, rows[:limit], wanted)

        rows, told, around = await self.machine.database.read(read)
        next_token = rows[limit - 1].scale_id if len(rows) > limit else None
        return {"tasks": await self._bodies(told, around), "next_token": next_token}

    def set_task_metadata(self, tx: Transaction, key: KeyAccess, body: Mapping[str, Any]) -> str:
        """Replace the metadata of a task, or put what is given into it; return its id."""
        scale_id = read_name(body, "task_id")
        task = self._task(tx, space_of(key), scale_id)
        given = read_object(body, "metadata")
        metadata = deep_merged(task.metadata, given) if read_boolean(body, "merge") else given
        self.scale.set_task_metadata(tx, key, scale_id, metadata)
        return scale_id

    async def get_annotation(self, key: KeyAccess, annotation_id: str) -> dict[str, Any]:
        """Return one annotation of a completed task; NotFoundError when there is none."""
        scale_id, _, _ = annotation_id.partition(ID_SEPARATOR)
        told = await self.machine.database.read(
            lambda tx: self.scale.told_of(
                tx, [row for row in [task_rows.find_task(tx, space_of(key), scale_id)] if row is not None]
            )
        )
        for response in await self.scale.responses_of(told):
            for annotation in annotations_of(scale_id, response or {}):
                if annotation["id"] == annotation_id:
                    return annotation
        raise NotFoundError("Annotation not found.")

    # --- parts

    def _project(self, tx: Transaction, space: Space, wanted: Wanted) -> ProjectRow:
        if wanted.project_id:
            found = project_rows.find_by_id(tx, space, wanted.project_id)
        elif wanted.project_name:
            found = project_rows.find_by_name(tx, space, wanted.project_name)
        else:
            raise MalformedRequestError("Either project_id or project_name is required.")
        if found is None:
            raise NotFoundError("Project not found.")
        return found

    def _batch(self, tx: Transaction, space: Space, wanted: Wanted) -> BatchRow:
        if wanted.batch_id:
            found = batch_rows.find_by_id(tx, space, wanted.batch_id)
        elif wanted.batch_name:
            found = batch_rows.find_by_name(tx, space, wanted.batch_name)
        else:
            raise MalformedRequestError("Either batch_id or batch_name is required.")
        if found is None:
            raise NotFoundError("Batch not found.")
        return found

    @staticmethod
    def _task(tx: Transaction, space: Space, scale_id: str) -> TaskRow:
        found = task_rows.find_task(tx, space, scale_id)
        if found is None:
            raise NotFoundError("Task not found.")
        return found

    @staticmethod
    def _batch_bodies(
        tx: Transaction, space: Space, batches: Sequence[BatchRow], expand: Collection[str]
    ) -> list[dict[str, Any]]:
        projects = _projects_by_id(tx, space) if "project" in expand and batches else {}
        return [batch_body(batch, projects.get(batch.project_id)) for batch in batches]

    @staticmethod
    def _around(tx: Transaction, space: Space, tasks: Sequence[TaskRow], wanted: Wanted) -> _Around:
        batch_ids = {task.batch_id for task in tasks if task.batch_id is not None}
        batches = batch_rows.find_by_ids(tx, space, sorted(batch_ids)) if "batch" in wanted.expand else {}
        task_ids = [task.task_id for task in tasks if task.task_id is not None]
        return _Around(
            _projects_by_id(tx, space) if "project" in wanted.expand and tasks else {},
            batches,
            task_rows.submissions_of(tx, task_ids) if "submissions" in wanted.options else None,
        )

    async def _bodies(self, told: Sequence[Told], around: _Around) -> list[dict[str, Any]]:
        responses = await self.scale.responses_of(told)
        return [
            task_body(
                entry.task,
                response,
                project=around.projects.get(entry.task.project_id),
                batch=around.batches.get(entry.task.batch_id or ""),
                submissions=None if around.submissions is None else _told_submissions(entry.task, around),
            )
            for entry, response in zip(told, responses, strict=True)
        ]


class _Around(NamedTuple):
    """What stands in tasks whole: projects and batches by id, and (member, time) of submissions by task."""

    projects: Mapping[str, ProjectRow]
    batches: Mapping[str, BatchRow]
    submissions: Mapping[str, list[tuple[str, int]]] | None


def _projects_by_id(tx: Transaction, space: Space) -> dict[str, ProjectRow]:
    found = project_rows.list_projects(tx, space, with_archived=True)
    return {project.project_id: project for project in found}


def _told_submissions(task: TaskRow, around: _Around) -> list[dict[str, str]]:
    found = (around.submissions or {}).get(task.task_id or "", [])
    return [{"submitted_at": iso(at_ms), "contributor_id": member_id} for member_id, at_ms in found]


def wanted_of(
    values: Mapping[str, Any], *, expand: Sequence[str] = (), options: Sequence[str] = ()
) -> Wanted:
    """Read which project and batch a request is about.

    Raises:
        ParameterFault: A value is no text.
    """
    return Wanted(
        project_id=_text(values, "project_id"),
        project_name=_text(values, "project_name"),
        batch_id=_text(values, "batch_id"),
        batch_name=_text(values, "batch_name"),
        expand=frozenset(expand),
        options=frozenset(options),
    )


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str | None):
        raise MalformedRequestError(f"{name} must be a string.")
    return value or ""
