"""Responses: what labelling knows of a task, in Scale's schema."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from goldsmith.accounts.api import KeyAccess
from goldsmith.compat.scale_v1.service.attachments import Attachments
from goldsmith.compat.scale_v1.service.foundation import space_of
from goldsmith.compat.scale_v1.service.links import LinkedFile, signed_url
from goldsmith.compat.scale_v1.store import files as file_rows
from goldsmith.compat.scale_v1.store import tasks as store
from goldsmith.compat.scale_v1.task_types.registry import task_type_of
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, ResponseFile, place_files
from goldsmith.compat.scale_v1.types import TaskFilter, TaskRow, TaskStatus
from goldsmith.compat.scale_v1.views import limited_body, task_body
from goldsmith.core.annotations import Labelling
from goldsmith.items.api import PageArea, PartKind, StoredFile
from goldsmith.labeling.api import TaskResult, as_known
from goldsmith.platform.database import Transaction

_FILE: Final = "$file"
_IN_THREAD_FROM: Final = 5
"""From so many on, responses are made beside the event loop; those with files always, for they are kept."""
_COSTLY: Final = frozenset({"segmentannotation"})
_PAGED: Final = frozenset({"documenttranscription"})


class Told(NamedTuple):
    """A task with all that its response is made of.

    Attributes:
        labelling: JSON text; None while there is nothing to respond.
        version: Of the labels.
        secret: Signs links.
    """

    task: TaskRow
    labelling: str | None
    version: int
    facts: ItemFacts
    secret: str


class Responding(Attachments):
    """The part of the service that tells of tasks."""

    async def get_task(self, key: KeyAccess, scale_id: str, *, has_links: bool = False) -> dict[str, Any]:
        """Return a whole task, with where the bytes of uploaded attachments can be had if that is asked.

        Raises:
            NotFoundError: There is none.
        """
        space = space_of(key)

        def read(tx: Transaction) -> tuple[list[Told], dict[str, list[dict[str, Any]]]]:
            task = self._task(tx, space, scale_id)
            return self.told_of(tx, [task]), self.attachments_of(tx, space, [task]) if has_links else {}

        told, links = await self.machine.database.read(read)
        body = (await self.bodies_of(told))[0]
        return body | ({"attachmentS3Downloads": links[scale_id]} if scale_id in links else {})

    async def list_tasks(
        self,
        key: KeyAccess,
        wanted: TaskFilter,
        *,
        before: str,
        limit: int,
        is_limited: bool,
        has_links: bool = False,
    ) -> dict[str, Any]:
        """Return a page of tasks, newest first, with how many there are in all.

        Args:
            key: Whose.
            wanted: Which.
            before: After which id of the page before it goes on; empty for the first.
            limit: Of the page.
            is_limited: Only a few words of each.
            has_links: With where the bytes of uploaded attachments can be had.
        """
        space = space_of(key)

        def read(tx: Transaction) -> tuple[list[TaskRow], list[Told], int, dict[str, list[dict[str, Any]]]]:
            rows = store.list_tasks(tx, space, wanted, before=before, limit=limit + 1)
            told = [] if is_limited else self.told_of(tx, rows[:limit])
            links = self.attachments_of(tx, space, rows[:limit]) if has_links else {}
            return rows, told, store.count_tasks(tx, space, wanted), links

        rows, told, total, links = await self.machine.database.read(read)
        page = rows[:limit]
        docs = [limited_body(task) for task in page] if is_limited else await self.bodies_of(told)
        for doc in docs:
            if doc["task_id"] in links:
                doc["attachmentS3Downloads"] = links[doc["task_id"]]
        has_more = len(rows) > limit
        answer = {"docs": docs, "total": total, "limit": limit, "offset": 0, "has_more": has_more}
        return answer | ({"next_token": page[-1].scale_id} if has_more else {})

    def task_body(self, scale_id: str) -> Mapping[str, Any] | None:
        """Return a whole task as it is now, for its callback; None when it is gone. For threads of jobs."""

        def read(tx: Transaction) -> list[Told]:
            task = store.find_any(tx, scale_id)
            return [] if task is None else self.told_of(tx, [task])

        told = self.machine.database.read_sync(read)
        return self._body_of(told[0]) if told else None

    def told_of(self, tx: Transaction, tasks: Sequence[TaskRow]) -> list[Told]:
        """Read what the responses of tasks are made of, by four statements however many they are."""
        done = [
            task.task_id for task in tasks if task.status is TaskStatus.COMPLETED and task.task_id is not None
        ]
        results = {result.task_id: result for result in self.steps.labeling.result_of(tx, done)}
        facts = store.item_facts(tx, [result.item_id for result in results.values()])
        has_response = any(task.status is TaskStatus.COMPLETED for task in tasks)
        secret = file_rows.link_secret(tx, tasks[0].space.workspace_id) if has_response else ""
        return [self._told(task, results, facts, secret) for task in tasks]

    async def bodies_of(self, told: Sequence[Told]) -> list[dict[str, Any]]:
        """Return whole tasks."""
        answered = [entry.task for entry in told if entry.labelling is not None]
        if len(answered) < _IN_THREAD_FROM and all(task.type not in _COSTLY for task in answered):
            return [self._body_of(entry) for entry in told]
        return await asyncio.to_thread(lambda: [self._body_of(entry) for entry in told])

    async def responses_of(self, told: Sequence[Told]) -> list[dict[str, Any] | None]:
        """Return the responses of tasks."""
        return await asyncio.to_thread(lambda: [self.response_of(entry) for entry in told])

    def response_of(self, told: Told) -> dict[str, Any] | None:
        """Return the response of a task; None while there is none."""
        if told.labelling is None:
            return None
        if told.task.kept_response is not None and told.task.kept_version == told.version:
            kept = json.loads(told.task.kept_response)
        else:
            kept = self._make_response(told)
        return _with_links(kept, lambda file: self._link(told, file))  # type: ignore[no-any-return]

    # --- parts

    @staticmethod
    def _told(
        task: TaskRow, results: Mapping[str, TaskResult], facts: Mapping[str, ItemFacts], secret: str
    ) -> Told:
        if task.canned is not None:
            return Told(task, task.canned, 0, ItemFacts(), secret)
        result = results.get(task.task_id or "")
        if result is None:
            return Told(task, None, 0, ItemFacts(), secret)
        item = facts.get(result.item_id, ItemFacts())
        return Told(task, result.labelling, result.consensus_version, item, secret)

    def _body_of(self, told: Told) -> dict[str, Any]:
        return task_body(told.task, self.response_of(told), _document_pages(told))

    def _make_response(self, told: Told) -> dict[str, Any]:
        """Make a response; one with files is kept, for they are costly."""
        task_type = task_type_of(told.task.type)
        checked = self.checked_of(told.task)
        assert told.labelling is not None, "asked by the caller"
        labels = as_known(Labelling.model_validate_json(told.labelling))
        made = task_type.response(labels, checked, told.facts)
        workspace_id = told.task.space.workspace_id
        placed: list[StoredFile] = []

        def place(file: ResponseFile) -> Any:
            sha256 = self.machine.blobs.put(file.data)
            placed.append(StoredFile(sha256, len(file.data), file.media_type, PartKind.IMAGE))
            return {_FILE: LinkedFile(workspace_id, sha256, file.name, file.media_type)._asdict()}

        body: dict[str, Any] = place_files(made, place)
        if placed:
            self._keep_response(told, body, placed)
        return body

    def _keep_response(self, told: Told, body: Mapping[str, Any], files: Sequence[StoredFile]) -> None:
        values = {"kept_response": json.dumps(body, ensure_ascii=False), "kept_version": told.version}

        def keep(tx: Transaction) -> None:
            for file in files:
                self.steps.items.keep_file(tx, workspace_id=told.task.space.workspace_id, file=file)
            store.change_task(tx, told.task.scale_id, **values)

        self.machine.database.write_sync(keep)

    @staticmethod
    def checked_of(task: TaskRow) -> CheckedTask:
        """Return what the parameters of a stored task mean."""
        return task_type_of(task.type).check(task.params)

    def _link(self, told: Told, file: Mapping[str, str]) -> str:
        return signed_url(
            LinkedFile(**file),
            base_url=self.machine.settings.resolved_public_url(),
            secret=told.secret,
            now_ms=self._now_ms(),
        )


def _document_pages(told: Told) -> list[dict[str, int]]:
    """Return the sizes of the pages that a response speaks of, in their order, for tasks whose responses do."""
    if told.labelling is None or told.task.type not in _PAGED:
        return []
    facts = told.facts
    pages = facts.pages or (PageArea(top=0, width=facts.width_px, height=facts.height_px),)
    return [{"width": page.width, "height": page.height} for page in pages]


def _with_links(body: Any, link: Callable[[Mapping[str, str]], str]) -> Any:
    if isinstance(body, dict):
        if _FILE in body:
            return link(body[_FILE])
        return {name: _with_links(value, link) for name, value in body.items()}
    if isinstance(body, list):
        return [_with_links(value, link) for value in body]
    return body
