"""Background work: the files of a task are fetched, and it becomes a task that people can take."""

from __future__ import annotations

from typing import Any, Final

from goldsmith.compat.scale_v1.service import ScaleService
from goldsmith.compat.scale_v1.service.arriving import Order, StoredPart
from goldsmith.compat.scale_v1.service.creating import ARRIVE_KIND, fetched_urls
from goldsmith.compat.scale_v1.store import tasks as store
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.compat.scale_v1.types import Arrival, TaskRow, TaskStatus
from goldsmith.core.errors import (
    ConflictError,
    DataError,
    DependencyError,
    GoldsmithError,
    InvalidInputError,
    UserError,
    VersionConflictError,
)
from goldsmith.platform.database import Transaction
from goldsmith.platform.fetcher import FetchError
from goldsmith.platform.jobs import JobContext, Jobs

_TRIES: Final = 4
"""Of a file that could not be fetched, half a minute in all."""
_FIRST_WAIT_MS: Final = 1500
_THREADS: Final = 4
_MAX_FILE_BYTES: Final = 256 * 1024**2
_MAX_TEXT_BYTES: Final = 10 * 1024**2
_ATTEMPTS: Final = 8


def register(jobs: Jobs, service: ScaleService) -> None:
    """Say how the jobs of the protocol are run."""
    jobs.register(
        ARRIVE_KIND,
        lambda context: arrive(service, context),
        max_attempts=_TRIES,
        backoff=lambda failures: _FIRST_WAIT_MS * 3 ** (failures - 1),
        own_threads=_THREADS,
    )


def arrive(service: ScaleService, context: JobContext) -> dict[str, Any]:
    """Fetch the files of a task and bring it into goldsmith; a task that cannot be had gets the status ``error``."""
    database, scale_id = service.machine.database, context.args["scale_id"]
    task = database.read_sync(lambda tx: store.find_any(tx, scale_id))
    if task is None or not _waits(task):
        return {"arrival": "left"}
    try:
        order = service.order_of(task)
        files = _fetch(service, order)
        _settle(service, task, order, files)
    except (DependencyError, ConflictError) as error:
        if context.attempt < _TRIES and _may_pass(error):
            raise
        _fail(service, task, error.detail)
    except (UserError, DataError) as error:
        _fail(service, task, error.detail)
    except Exception:
        if context.attempt >= _TRIES:
            _fail(service, task, "something went wrong on the server; its log has it")
        raise
    return {"arrival": "settled"}


def _waits(task: TaskRow) -> bool:
    return task.arrival is Arrival.WAITING and task.status is TaskStatus.PENDING


def _may_pass(error: GoldsmithError) -> bool:
    """Say whether another try may go better: not where a server has answered that the file is not to be had."""
    status = error.answer_status if isinstance(error, FetchError) else None
    return status is None or status in (408, 429) or status >= 500


def _fetch(service: ScaleService, order: Order) -> dict[str, StoredPart]:
    urls = fetched_urls(order.checked)
    files = service.machine.database.read_sync(lambda tx: service.stored_files(tx, order.space, urls))
    wants_image = {order.checked.parts[0].url} if order.checked.item_kind == "image" else set()
    wants_text = {order.checked.parts[0].url} if order.checked.item_kind == "text" else set()
    wants_pages = {part.url for part in order.checked.parts} if order.checked.item_kind == "pages" else set()
    found: dict[str, StoredPart] = {}
    for url in urls:
        kept = files.get(url)
        data = None
        if (
            kept is None
            or url in (*wants_text, *order.checked.files)
            or (url in wants_image and kept.media is None)
            or url in wants_pages
        ):
            limit = _MAX_TEXT_BYTES if url in wants_text else _MAX_FILE_BYTES
            data = (
                service.machine.fetcher.get(url, max_bytes=limit).content
                if kept is None
                else service.machine.blobs.get(kept.sha256)
            )
        if data is not None and url in wants_pages:
            found[url] = service.store_pages(
                order.space.workspace_id, "" if kept is None else kept.name, data
            )
            continue
        found[url] = _store(
            service, order, kept, data, is_image=url in wants_image, is_text=url in wants_text
        )
        if data is not None and url in (*wants_text, *order.checked.files):
            found[url] = found[url]._replace(data=data)
    return found


def _store(
    service: ScaleService,
    order: Order,
    kept: StoredPart | None,
    data: bytes | None,
    *,
    is_image: bool,
    is_text: bool,
) -> StoredPart:
    """Return a file that is here, put into the store where it came just now."""
    items, workspace_id = service.steps.items, order.space.workspace_id
    if data is None:
        assert kept is not None, "what is not kept is fetched"
        return kept
    name = "" if kept is None else kept.name
    if is_image:
        media = items.put_original(workspace_id, data)
        return StoredPart(media.sha256, media.media_type, name, media)
    if is_text:
        return StoredPart("", "text/plain", name)
    if kept is not None:
        return kept
    try:
        file = items.put_file(workspace_id, data)
    except InvalidInputError as error:
        raise ParameterFault(f'"attachment" cannot be shown: {error.detail}') from error
    return StoredPart(file.sha256, file.media_type, name)


def _settle(service: ScaleService, task: TaskRow, order: Order, files: dict[str, StoredPart]) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            service.machine.database.write_sync(lambda tx: _bring(service, tx, task, order, files))
        except VersionConflictError:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return


def _bring(
    service: ScaleService, tx: Transaction, task: TaskRow, order: Order, files: dict[str, StoredPart]
) -> None:
    store.lock_task(tx, task.scale_id)
    now = store.find_any(tx, task.scale_id)
    if now is None or not _waits(now):
        return
    setup = service.widen_ontology(tx, order)
    task_id = service.arrive(tx, order, setup, files)
    store.change_task(
        tx,
        task.scale_id,
        task_id=task_id,
        arrival=Arrival.THERE.value,
        updated_ms=service.machine.clock.now_ms(),
    )


def _fail(service: ScaleService, task: TaskRow, error: str) -> None:
    def write(tx: Transaction) -> None:
        store.lock_task(tx, task.scale_id)
        now = store.find_any(tx, task.scale_id)
        if now is not None:
            service.fail(tx, now, error=error)

    service.machine.database.write_sync(write)
