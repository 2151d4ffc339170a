"""Creating tasks: checked before anything is written, and there at once where nothing has to be fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from goldsmith.accounts.api import KeyAccess
from goldsmith.compat.scale_v1.service.arriving import (
    MAX_PRIORITY,
    OWN_INSTRUCTION,
    Arriving,
    Order,
    StoredPart,
    check,
)
from goldsmith.compat.scale_v1.service.attachments import SCALEDATA, file_id_of
from goldsmith.compat.scale_v1.service.batches import Batches
from goldsmith.compat.scale_v1.service.foundation import in_project, space_of
from goldsmith.compat.scale_v1.service.projects import Projects
from goldsmith.compat.scale_v1.service.responding import Responding
from goldsmith.compat.scale_v1.store import batches as batch_rows
from goldsmith.compat.scale_v1.store import files as file_rows
from goldsmith.compat.scale_v1.store import tasks as store
from goldsmith.compat.scale_v1.task_types.registry import task_type_of
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, ParameterFault
from goldsmith.compat.scale_v1.types import Arrival, BatchRow, BatchStatus, ProjectRow, Purpose, Space
from goldsmith.compat.scale_v1.words import read_object, read_texts, scale_id
from goldsmith.core.errors import (
    ConflictError,
    DatabaseBusyError,
    MalformedRequestError,
    UserError,
    VersionConflictError,
)
from goldsmith.platform.database import Transaction

ARRIVE_KIND: Final = "scale_v1.arrive"
_ATTEMPTS: Final = 8
_FILE_JOIN: Final = "\n\n"
_ANSWERS: Final = ("expected_response", "initial_response")
_TAKEN: Final = "Task with that unique_id already exists."


class _Place(NamedTuple):
    """Where a task goes, and its parameters with those of the project."""

    project: ProjectRow | None
    batch: BatchRow | None
    params: dict[str, Any]
    own_instruction: Any


class _Draft(NamedTuple):
    """A task that was checked and is to be written.

    Attributes:
        row: Of the table, without what follows from its arrival.
    """

    order: Order
    row: dict[str, Any]
    tags: list[str]


class Creating(Arriving, Batches, Projects, Responding):
    """The part of the service that takes tasks in."""

    async def create_task(self, key: KeyAccess, type_name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Take a task in and return it.

        Raises:
            ParameterFault: A parameter does not hold.
            NotEnabledFault: Nobody can work on it here.
            NotFoundError: There is no such project or batch.
            ConflictError: The ``unique_id`` is taken.
        """
        made = await self._take_in(key, type_name, body, purpose=Purpose.PRODUCTION)
        return await self.get_task(key, made)

    async def create_known_task(
        self, key: KeyAccess, type_name: str, body: Mapping[str, Any], *, purpose: Purpose
    ) -> dict[str, Any]:
        """Take a task in whose answer is known, and return it.

        Raises:
            ParameterFault: A parameter does not hold, ``expected_response`` among them.
        """
        if body.get("expected_response") is None:
            raise ParameterFault('"expected_response" is required')
        made = await self._take_in(key, type_name, body, purpose=purpose)
        task = await self.get_task(key, made)
        answers = {
            name: body[name]
            for name in ("expected_response", "initial_response")
            if body.get(name) is not None
        }
        shown = ("project", "batch", "type", "created_at", "metadata", "params", "is_test")
        return {"id": made, **answers, **{name: task[name] for name in shown if name in task}}

    async def _take_in(
        self, key: KeyAccess, type_name: str, body: Mapping[str, Any], *, purpose: Purpose
    ) -> str:
        task_type_of(type_name)
        place = await self.machine.database.read(lambda tx: self._place(tx, key, type_name, body))
        params = {**place.params, "instruction": place.own_instruction}
        checked = check(type_name, params)
        for _ in range(_ATTEMPTS):
            try:
                return await self.machine.database.write(
                    lambda tx: self._write(tx, key, type_name, place, checked, purpose=purpose)
                )
            except VersionConflictError:  # another task widened the project's ontology at this moment
                continue
            except ConflictError as error:
                raise await self._told_apart(key, place.params.get("unique_id"), error) from error
        raise DatabaseBusyError("the project is being changed by many at once; try again in a moment")

    async def _told_apart(self, key: KeyAccess, unique_id: Any, error: ConflictError) -> UserError:
        """Return the error of a ``unique_id`` that is taken; any other conflict is no 409."""
        if unique_id and await self.machine.database.read(
            lambda tx: store.is_unique_id_taken(tx, space_of(key), unique_id)
        ):
            return ConflictError(_TAKEN)
        return MalformedRequestError(error.detail)

    def _place(self, tx: Transaction, key: KeyAccess, type_name: str, body: Mapping[str, Any]) -> _Place:
        space = space_of(key)
        batch_name, project_name = _text(body, "batch"), _text(body, "project")
        batch = self._batch(tx, space, batch_name) if batch_name else None
        if batch is not None and batch.status is BatchStatus.CANCELLED:
            raise MalformedRequestError("The batch was cancelled; send the task in another one.")
        if batch is not None and project_name and batch.project_name != project_name:
            raise ParameterFault(f'the batch belongs to the project "{batch.project_name}"')
        wanted = project_name or (batch.project_name if batch is not None else "")
        project = self._project(tx, space, wanted) if wanted else None
        if project is not None and project.type != type_name:
            raise ParameterFault(
                f'the type of the project "{project.name}" is {project.type}, not {type_name}'
            )
        given = {name: value for name, value in body.items() if value is not None}
        defaults = {} if project is None else project.params
        own = given.get("instruction")
        params = {**defaults, **given}
        if isinstance(own, str) and defaults.get("instruction"):
            params["instruction"] = _FILE_JOIN.join((defaults["instruction"], own))
        return _Place(project, batch, params, own)

    def _write(
        self,
        tx: Transaction,
        key: KeyAccess,
        type_name: str,
        place: _Place,
        checked: CheckedTask,
        *,
        purpose: Purpose,
    ) -> str:
        project = place.project or self._default_project(tx, key, type_name)
        draft = self._draft(key, type_name, place, project, checked, purpose=purpose)
        unique_id = draft.row["unique_id"]
        if unique_id is not None and store.is_unique_id_taken(tx, draft.order.space, unique_id):
            raise ConflictError(_TAKEN)
        arrived = self._can(draft.order) if key.is_test else self._bring(tx, draft.order)
        store.insert_task(tx, {**draft.row, **arrived}, tags=draft.tags)
        if place.batch is not None and place.batch.completed_ms is not None:
            batch_rows.change_batch(tx, place.batch.batch_id, completed_ms=None)
        if key.is_test:
            self._tell_canned(tx, draft.order)
        elif arrived["arrival"] == Arrival.WAITING:
            self._queue_arrival(tx, draft.order)
        return draft.order.scale_id

    def _draft(
        self,
        key: KeyAccess,
        type_name: str,
        place: _Place,
        project: ProjectRow,
        checked: CheckedTask,
        *,
        purpose: Purpose,
    ) -> _Draft:
        params, now_ms = place.params, self._now_ms()
        answers: dict[str, Any] = {name: value for name, value in params.items() if name in _ANSWERS}
        answers[OWN_INSTRUCTION] = place.own_instruction
        order = Order(
            scale_id=scale_id(now_ms, self._rng.getrandbits(64)),
            access=in_project(key.access, project.project_id),
            space=space_of(key),
            project_id=project.project_id,
            batch_id=None if place.batch is None else place.batch.batch_id,
            purpose=purpose,
            type=type_name,
            priority=_priority(params.get("priority")),
            checked=checked,
            answers=answers,
        )
        row = {
            "scale_id": order.scale_id,
            "workspace_id": order.space.workspace_id,
            "is_test": int(order.space.is_test),
            "project_id": order.project_id,
            "batch_id": order.batch_id,
            "purpose": purpose.value,
            "type": type_name,
            "params": json.dumps(params, ensure_ascii=False),
            "answers": json.dumps(answers, ensure_ascii=False),
            "unique_id": params.get("unique_id") or None,
            "metadata": json.dumps(read_object(params, "metadata"), ensure_ascii=False),
            "priority": order.priority,
            "callback_url": self.steps.callbacks.checked_url(_text(params, "callback_url")),
            "created_by": key.access.member_id,
            "created_ms": now_ms,
            "updated_ms": now_ms,
        }
        return _Draft(order, row, read_texts(params.get("tags") or [], where="tags"))

    def _bring(self, tx: Transaction, order: Order) -> dict[str, Any]:
        """Make the item and the task now, where every file is here; return what the row says of it."""
        setup = self.widen_ontology(tx, order)
        files = self.files_at_hand(tx, order.space, order.checked)
        if files is None:
            return {"arrival": Arrival.WAITING.value, "task_id": None}
        return {"arrival": Arrival.THERE.value, "task_id": self.arrive(tx, order, setup, files)}

    def files_at_hand(
        self, tx: Transaction, space: Space, checked: CheckedTask
    ) -> dict[str, StoredPart] | None:
        """Return the files of a task, by URL; None where one has to be brought here first.

        Raises:
            ParameterFault: A ``scaledata`` address leads to no file of this account.
        """
        urls = fetched_urls(checked)
        stored = self.stored_files(tx, space, urls)
        if len(stored) < len(urls) or checked.files or _is_read(checked):
            return None
        if checked.item_kind == "image" and stored[checked.parts[0].url or ""].media is None:
            return None
        if checked.item_kind == "pages" and (len(urls) > 1 or stored[urls[0]].media is None):
            return None
        return stored

    def stored_files(self, tx: Transaction, space: Space, urls: list[str]) -> dict[str, StoredPart]:
        """Return those files that were uploaded, by URL, by two statements.

        Raises:
            ParameterFault: A ``scaledata`` address leads to no file of this account.
        """
        ids = {url: file_id_of(url) for url in urls if urlsplit(url).scheme == SCALEDATA}
        found = file_rows.find_files(tx, space, sorted(set(ids.values())))
        missing = [url for url, file_id in ids.items() if file_id not in found]
        if missing:
            raise ParameterFault(f'"attachment" {missing[0]} was not found')
        images = file_rows.find_images(tx, space.workspace_id, [file.sha256 for file in found.values()])
        return {
            url: StoredPart(
                found[file_id].sha256,
                found[file_id].mime_type,
                found[file_id].name,
                images.get(found[file_id].sha256),
            )
            for url, file_id in ids.items()
        }

    def _can(self, order: Order) -> dict[str, Any]:
        """Return what the row of a test task says: it is completed at once, with labels that hold."""
        task_type, facts = task_type_of(order.type), ItemFacts()
        if order.purpose is Purpose.PRODUCTION:
            labels = task_type.canned(order.checked, facts)
        else:
            labels = task_type.labelling_from(order.answers["expected_response"], order.checked, facts)
        return {
            "arrival": Arrival.THERE.value,
            "canned": labels.as_json(),
            "completed_ms": self._now_ms(),
            "told_version": 1,
        }

    def _tell_canned(self, tx: Transaction, order: Order) -> None:
        task = store.find_any(tx, order.scale_id)
        assert task is not None, "written just now"
        self.tell_task(tx, task, event="completed")
        if order.batch_id is not None:
            self.tell_finished(tx, [order.batch_id])

    def _queue_arrival(self, tx: Transaction, order: Order) -> None:
        self.machine.jobs.enqueue(
            tx,
            ARRIVE_KIND,
            workspace_id=order.space.workspace_id,
            args={"scale_id": order.scale_id},
            subject=order.scale_id,
            priority=max(order.priority, 0),
            created_by=order.access.member_id,
        )


def fetched_urls(checked: CheckedTask) -> list[str]:
    """Return the addresses of all files of a task, each once."""
    urls = [part.url for part in (*checked.parts, *checked.context) if part.is_fetched and part.url]
    return list(dict.fromkeys([*urls, *checked.files]))


def _is_read(checked: CheckedTask) -> bool:
    """Say whether the bytes of a file become the item itself."""
    return checked.item_kind == "text" and checked.parts[0].is_fetched


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ParameterFault(f'"{name}" must be a string')
    return value or ""


def _priority(value: Any) -> int:
    try:
        number = float(value or 0)
    except (TypeError, ValueError) as error:
        raise ParameterFault('"priority" must be a number') from error
    return max(-MAX_PRIORITY, min(MAX_PRIORITY, round(number)))
