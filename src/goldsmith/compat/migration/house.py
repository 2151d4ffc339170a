"""This installation as moving house sees it: projects, batches and tasks of Scale's protocol, made with their past."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from goldsmith.accounts.api import Access, KeyAccess
from goldsmith.compat.migration.team import Team
from goldsmith.compat.migration.types import Document, Kind, Plan
from goldsmith.compat.scale_v1.callbacks.policy import checked_callback_url
from goldsmith.compat.scale_v1.service import ScaleService
from goldsmith.compat.scale_v1.service.arriving import MAX_PRIORITY, Order, StoredPart, check
from goldsmith.compat.scale_v1.service.attachments import SCALEDATA, file_id_of
from goldsmith.compat.scale_v1.service.creating import fetched_urls
from goldsmith.compat.scale_v1.service.foundation import in_project
from goldsmith.compat.scale_v1.store import batches as batch_rows
from goldsmith.compat.scale_v1.store import files as file_rows
from goldsmith.compat.scale_v1.store import projects as project_rows
from goldsmith.compat.scale_v1.store import tasks as task_rows
from goldsmith.compat.scale_v1.store.files import FileRow
from goldsmith.compat.scale_v1.task_types.registry import task_type_of
from goldsmith.compat.scale_v1.task_types.types import CheckedTask
from goldsmith.compat.scale_v1.types import (
    Arrival,
    BatchRow,
    ProjectRow,
    Purpose,
    ReviewStatus,
    Space,
    TaskRow,
    TaskStatus,
)
from goldsmith.compat.scale_v1.views import batch_body, project_body
from goldsmith.compat.scale_v1.words import read_time
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.items.api import tell_file
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine

_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")
_HEAD_BYTES: Final = 4096
_JOIN: Final = "\n\n"
_BESIDE_PARAMS: Final = (
    "project",
    "batch",
    "instruction",
    "callback_url",
    "unique_id",
    "metadata",
    "tags",
    "priority",
)


class _Wanted(NamedTuple):
    """A task as it is to stand here.

    Attributes:
        checked: What its parameters mean, with the files that its response names.
        response: Of a finished task.
    """

    status: TaskStatus
    document: Document
    params: dict[str, Any]
    checked: CheckedTask
    response: Mapping[str, Any] | None
    files: Mapping[str, StoredPart]
    shas: Mapping[str, str]


class ScaleHouse:
    """This installation.

    Args:
        machine: Blobs, clock and database.
        service: Scale's protocol here.
        access: In whose name things are made; an owner or manager.
    """

    def __init__(self, machine: Machine, service: ScaleService, access: Access) -> None:
        self._machine = machine
        self._service = service
        self._access = access
        self._space = Space(access.workspace_id, is_test=False)
        self._team = Team(service, access)

    def keep_file(self, address: str, content: bytes) -> str:  # noqa: ARG002  the content is its name
        """Keep the bytes of a file and return their sha256."""
        return self._machine.blobs.put(content)

    def put_project(self, tx: Transaction, plan: Plan, document: Document) -> str:
        """Make a project with the history of its parameters and return its id.

        Raises:
            NotEnabledFault: Nobody can work on its type here.
            ConflictError: The name is taken.
        """
        task_type_of(document["type"])
        versions: list[dict[str, Any]] = list(document.get("param_history") or [])
        newest = versions[-1] if versions else {}
        params = {name: value for name, value in newest.items() if name not in ("version", "created_at")}
        name = plan.prefix + document["name"]
        key = KeyAccess(self._access, is_test=False)
        try:
            made = self._service.make_project(
                tx, key, name=name, type_name=document["type"], params=params, options={}
            )
        except ConflictError as error:
            reason = "a project of that name is here already; move with another --to-project-prefix"
            raise ConflictError(reason) from error
        project_rows.change_project(
            tx,
            made.project_id,
            params_history=json.dumps(versions, ensure_ascii=False),
            created_ms=_time(document, "created_at", made.created_ms),
        )
        return made.project_id

    def put_batch(self, tx: Transaction, plan: Plan, document: Document) -> str:
        """Make a batch and return its id; one that is completed over there has told so there.

        Raises:
            NotFoundError: Its project did not come over.
            ConflictError: The name is taken.
        """
        self._project(tx, plan, document)
        made = self._service.make_batch(
            tx,
            KeyAccess(self._access, is_test=False),
            project_name=plan.prefix + document["project"],
            name=document["name"],
            callback=checked_callback_url(
                document.get("callback"), has_mail=True
            ),  # the operator may name a server yet
            metadata=document.get("metadata") or {},
            is_calibration=bool(document.get("calibration_batch")),
            is_self_label=bool(document.get("self_label_batch")),
            is_staged=document["status"] == "staging",
        )
        created_ms = _time(document, "created_at", made.created_ms)
        completed_ms = made.created_ms if document["status"] == "completed" else None
        batch_rows.change_batch(tx, made.batch_id, created_ms=created_ms, completed_ms=completed_ms)
        return made.batch_id

    def put_person(self, tx: Transaction, plan: Plan, document: Document) -> str:
        """Assign a member to projects, or invite whoever is none, and return the address."""
        return self._team.put_person(tx, plan, document)

    def put_group(self, tx: Transaction, plan: Plan, document: Document) -> str:
        """Make a group of people, or bring it up to date, and return its id."""
        return self._team.put_group(tx, plan, document)

    def invitations(self) -> Mapping[str, str]:
        """Return the links that bring in whoever was invited in this run, by e-mail address."""
        return self._team.links

    def file_addresses(self, document: Document) -> dict[str, str]:
        """Return where the bytes of each file of a task can be had, by the address that the task names.

        Pending and finished tasks need theirs; one that does not hold names none, and is refused when it is made.
        """
        if not _has_files(document):
            return {}
        try:
            names = fetched_urls(_checked(document, own_instruction=""))
        except (InvalidInputError, KeyError, TypeError, ValueError, AttributeError):
            return {}
        links = dict(_links(document))
        return {name: links.get(name, name) for name in names}

    def prepare_task(
        self, plan: Plan, document: Document, files: Mapping[str, str]
    ) -> Callable[[Transaction], str]:
        """Read what a task says and return what makes it here, or brings the one that is here up to date.

        Raises:
            ParameterFault: A parameter or its response does not hold.
            NotEnabledFault: Nobody can work on its type here.
        """
        if document.get("is_test"):
            raise InvalidInputError("it is a task of test mode, whose answer is made up")
        if not _ID.fullmatch(document["task_id"]):
            raise InvalidInputError("its id is none that a task can have here")
        status = TaskStatus(document["status"])
        project = self._machine.database.read_sync(lambda tx: self._project(tx, plan, document))
        params = _params(plan, document)
        checked = _checked(document, own_instruction=_own_instruction(document, project))
        names = fetched_urls(checked) if _has_files(document) else []
        stored = {name: self._stored(checked, name, files[name]) for name in names}
        is_known = _purpose_of(document) is not Purpose.PRODUCTION
        response = _response_of(document) if status is TaskStatus.COMPLETED and not is_known else None
        if status is TaskStatus.COMPLETED and response is None and not is_known:
            raise InvalidInputError("it is completed but has no response")
        shas = {name: files[name] for name in names}
        wanted = _Wanted(status, document, params, checked, response, stored, shas)
        return lambda tx: self._put_task(tx, plan, wanted)

    def body(self, plan: Plan, kind: Kind, theirs: str, ours: str) -> Document | None:
        """Return a thing as this installation tells it now; None when it is gone."""
        if kind in ("task", "evaluation", "training"):
            told = self._service.task_body(ours)
            return None if told is None else dict(told)
        if kind == "person":
            return self._machine.database.read_sync(lambda tx: self._team.person(tx, plan, ours))
        if kind == "group":
            return self._machine.database.read_sync(lambda tx: self._team.group(tx, plan, theirs))
        if kind == "batch":
            batch = self._machine.database.read_sync(lambda tx: batch_rows.find_any(tx, ours))
            return None if batch is None else batch_body(batch)
        project = self._machine.database.read_sync(lambda tx: project_rows.find_by_id(tx, self._space, ours))
        return None if project is None else project_body(project)

    # --- parts

    def _project(self, tx: Transaction, plan: Plan, document: Document) -> ProjectRow:
        found = project_rows.find_by_name(tx, self._space, plan.prefix + document["project"])
        if found is None:
            raise NotFoundError(f"its project {document['project']} did not come over")
        return found

    def _batch(self, tx: Transaction, document: Document) -> BatchRow | None:
        name = document.get("batch")
        if not name:
            return None
        found = batch_rows.find_by_name(tx, self._space, name)
        if found is None:
            raise NotFoundError(f"its batch {name} did not come over")
        return found

    def _stored(self, checked: CheckedTask, name: str, sha256: str) -> StoredPart:
        """Return a file of a task that is here already, as what it is to the task."""
        items, workspace_id = self._service.steps.items, self._space.workspace_id
        content, title = self._machine.blobs.get(sha256), unquote(PurePosixPath(urlsplit(name).path).name)
        if name == checked.parts[0].url and checked.item_kind == "image":
            media = items.put_original(workspace_id, content)
            part = StoredPart(media.sha256, media.media_type, title, media)
        elif checked.item_kind == "pages" and any(name == part.url for part in checked.parts):
            return self._service.store_pages(workspace_id, title, content)
        elif name == checked.parts[0].url and checked.item_kind == "text":
            return StoredPart("", "text/plain", title, data=content)
        elif any(name == part.url for part in (*checked.parts, *checked.context)):
            file = items.put_file(workspace_id, content)
            part = StoredPart(file.sha256, file.media_type, title)
        else:
            part = StoredPart(sha256, "", title)
        return part._replace(data=content) if name in checked.files else part

    def _put_task(self, tx: Transaction, plan: Plan, wanted: _Wanted) -> str:
        scale_id: str = wanted.document["task_id"]
        self._put_uploads(tx, wanted)
        here = task_rows.find_any(tx, scale_id)
        if here is not None:
            self._catch_up(tx, here, wanted)
            return scale_id
        project, batch = self._project(tx, plan, wanted.document), self._batch(tx, wanted.document)
        order = Order(
            scale_id=scale_id,
            access=in_project(self._access, project.project_id),
            space=self._space,
            project_id=project.project_id,
            batch_id=None if batch is None else batch.batch_id,
            purpose=_purpose_of(wanted.document),
            type=wanted.document["type"],
            priority=_priority(wanted.document),
            checked=wanted.checked,
            answers=_known_answers(wanted.document),
            accepted=wanted.response,
        )
        row = self._row(order, wanted) | self._arrival(tx, order, wanted)
        task_rows.insert_task(tx, row, tags=_tags(wanted.document))
        return scale_id

    def _arrival(self, tx: Transaction, order: Order, wanted: _Wanted) -> dict[str, Any]:
        now_ms = self._machine.clock.now_ms()
        is_known = order.purpose is not Purpose.PRODUCTION
        if wanted.status is TaskStatus.CANCELED and not is_known:
            return {"arrival": Arrival.WAITING.value, "canceled_ms": now_ms}
        if wanted.status is TaskStatus.ERROR and not is_known:
            reason = str(wanted.document.get("error") or "it failed at the place it was moved from")
            return {"arrival": Arrival.FAILED.value, "error": reason}
        setup = self._service.widen_ontology(tx, order)
        task_id = self._service.arrive(tx, order, setup, wanted.files)
        arrived = {
            "arrival": Arrival.THERE.value,
            "task_id": task_id,
            "told_review": _review_of(wanted.document),
        }
        return arrived | (self._told(tx, task_id, wanted) if wanted.response is not None else {})

    def _told(self, tx: Transaction, task_id: str, wanted: _Wanted) -> dict[str, Any]:
        """Return what a finished task says of having been told: it was, where it comes from."""
        result = self._service.steps.labeling.result_of(tx, [task_id], with_labels=False)[0]
        completed_ms = _time(wanted.document, "completed_at", self._machine.clock.now_ms())
        succeeded = wanted.document.get("callback_succeeded")
        return {
            "completed_ms": completed_ms,
            "told_version": result.consensus_version,
            "callback_succeeded": None if succeeded is None else int(bool(succeeded)),
        }

    def _row(self, order: Order, wanted: _Wanted) -> dict[str, Any]:
        document, now_ms = wanted.document, self._machine.clock.now_ms()
        return {
            "scale_id": order.scale_id,
            "workspace_id": self._space.workspace_id,
            "is_test": 0,
            "project_id": order.project_id,
            "batch_id": order.batch_id,
            "purpose": order.purpose.value,
            "type": order.type,
            "params": json.dumps(wanted.params, ensure_ascii=False),
            "answers": json.dumps(dict(order.answers), ensure_ascii=False),
            "priority": order.priority,
            **_changeable(document),
            "created_by": self._access.member_id,
            "created_ms": _time(document, "created_at", now_ms),
            "updated_ms": _time(document, "updated_at", now_ms),
        }

    def _catch_up(self, tx: Transaction, here: TaskRow, wanted: _Wanted) -> None:
        """Bring a task that is here to where it stands over there, unless somebody began it here."""
        if here.space != self._space:
            raise ConflictError("a task of that id is here already, in another workspace")
        task_rows.change_task(tx, here.scale_id, **_changeable(wanted.document))
        task_rows.put_tags(tx, here.scale_id, _tags(wanted.document))
        if here.purpose is not Purpose.PRODUCTION:
            if here.answers != _known_answers(wanted.document):
                raise ConflictError("its known answer changed there, and stays as it came here")
            return
        if here.status is wanted.status:
            task_rows.change_task(tx, here.scale_id, told_review=_review_of(wanted.document))
            return
        is_begun = here.task_id is not None and self._service.steps.labeling.has_begun(tx, [here.task_id])
        if here.status is not TaskStatus.PENDING or is_begun:
            raise ConflictError(
                f"it went on there ({wanted.status.value}) after it was begun or finished here"
            )
        # followers are not to hear of it: what happened there was told there
        task_rows.change_task(tx, here.scale_id, task_id=None)
        order = replace(self._service.order_of(here), checked=wanted.checked, accepted=wanted.response)
        if here.task_id is not None and wanted.response is None:
            self._service.steps.labeling.cancel_tasks(
                tx, [here.task_id], by=self._access.member_id, why="it ended where it was moved from"
            )
        values = {"updated_ms": _time(wanted.document, "updated_at", self._machine.clock.now_ms())}
        task_rows.change_task(tx, here.scale_id, **values, **self._arrival(tx, order, wanted))

    def _put_uploads(self, tx: Transaction, wanted: _Wanted) -> None:
        """Make uploaded files known under the addresses that they had."""
        ids = {file_id_of(name): name for name in wanted.shas if urlsplit(name).scheme == SCALEDATA}
        known = file_rows.find_files(tx, self._space, sorted(ids))
        for file_id, name in ids.items():
            if file_id in known:
                continue
            sha256 = wanted.shas[name]
            content = self._machine.blobs.get(sha256)
            told = tell_file(content[:_HEAD_BYTES])
            row = FileRow(
                file_id=file_id,
                space=self._space,
                sha256=sha256,
                size_bytes=len(content),
                mime_type="application/octet-stream" if told is None else told.media_type,
                name=file_id,
                project_names=[wanted.document["project"]],
                fields={},
                created_ms=self._machine.clock.now_ms(),
            )
            file_rows.insert_file(tx, row)


def _checked(document: Document, *, own_instruction: str) -> CheckedTask:
    """Return what the parameters of a task mean, with the files that its response names as those to be read."""
    params = {**document["params"], "instruction": own_instruction}
    checked = check(document["type"], params)
    responses = list(_known_answers(document).values())
    if not responses and document["status"] == TaskStatus.COMPLETED and document.get("response") is not None:
        responses = [document["response"]]
    if not responses:
        return checked
    named = [check(document["type"], {**params, "hypothesis": response}).files for response in responses]
    return replace(checked, files=tuple(dict.fromkeys(url for urls in named for url in urls)), prelabel=None)


def _has_files(document: Document) -> bool:
    """Say whether the files of a task are needed here: it is worked on, was, or its answer is known."""
    is_known = _purpose_of(document) is not Purpose.PRODUCTION
    return is_known or document["status"] in (TaskStatus.PENDING, TaskStatus.COMPLETED)


def _purpose_of(document: Document) -> Purpose:
    """Return what a task is for; one with a known answer that does not say is one for evaluation."""
    if document.get("purpose") == Purpose.TRAINING:
        return Purpose.TRAINING
    return Purpose.EVALUATION if document.get("expected_response") is not None else Purpose.PRODUCTION


def _known_answers(document: Document) -> dict[str, Any]:
    names = ("expected_response", "initial_response")
    return {name: document[name] for name in names if document.get(name) is not None}


def _review_of(document: Document) -> str | None:
    """Return what an audit said of a task there; None while none did."""
    told = document.get("customer_review_status")
    is_said = told in set(ReviewStatus) and told != ReviewStatus.PENDING
    return str(told) if is_said else None


def _response_of(document: Document) -> Any:
    """Return the response of a task; one that speaks of pages, with the sizes of those pages, which may differ here."""
    response, pages = document.get("response"), document.get("document_pages")
    return {**response, "document_pages": pages} if isinstance(response, dict) and pages else response


def _params(plan: Plan, document: Document) -> dict[str, Any]:
    """Return the parameters as they stood in the request, so that they come back as they were."""
    beside = {name: document[name] for name in _BESIDE_PARAMS if document.get(name) not in (None, "", [], {})}
    if "project" in beside:
        beside["project"] = plan.prefix + beside["project"]
    return {**beside, **document["params"]}


def _own_instruction(document: Document, project: ProjectRow) -> str:
    """Return what the task itself says, without what its project says to all of them."""
    text = str(document.get("instruction") or "")
    for version in reversed(project.versions):
        common = str(version.get("instruction") or "")
        if common and text == common:
            return ""
        if common and text.startswith(common + _JOIN):
            return text.removeprefix(common + _JOIN)
    return text


def _changeable(document: Document) -> dict[str, Any]:
    return {
        "unique_id": document.get("unique_id") or None,
        "metadata": json.dumps(document.get("metadata") or {}, ensure_ascii=False),
        "callback_url": str(document.get("callback_url") or ""),
    }


def _tags(document: Document) -> list[str]:
    return list(dict.fromkeys(str(tag) for tag in document.get("tags") or []))


def _priority(document: Document) -> int:
    value = document.get("priority")
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    return max(-MAX_PRIORITY, min(MAX_PRIORITY, round(number)))


def _time(document: Document, field: str, fallback_ms: int) -> int:
    text = document.get(field)
    return read_time(text, where=field) if isinstance(text, str) and text else fallback_ms


def _links(document: Document) -> Iterator[tuple[str, str]]:
    """Yield where attachments can be had, for those that say so; as they were sent, not as they were converted."""
    for entry in document.get("attachmentS3Downloads") or []:
        if isinstance(entry, dict) and entry.get("s3URL") and not entry.get("isConvertedImage"):
            yield str(entry.get("attachmentURL") or ""), str(entry["s3URL"])
