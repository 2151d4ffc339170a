"""Background work of items: imports, the tiles of huge images, changes of many items."""

from __future__ import annotations

from goldsmith.items.jobs.importing import CHUNK_RECORDS, ImportRun
from goldsmith.items.service import ItemsService
from goldsmith.items.service.changes import CHANGE_KIND
from goldsmith.items.service.imports import IMPORT_KIND
from goldsmith.items.service.tiles import TILES_KIND
from goldsmith.platform.jobs import Jobs

__all__ = ["ImportRun", "register"]


def register(jobs: Jobs, service: ItemsService, *, chunk_records: int = CHUNK_RECORDS) -> None:
    """Say how imports and changes are run, and how tiles are cut.

    Args:
        jobs: The job runner.
        service: Items.
        chunk_records: Records settled in one transaction.
    """
    jobs.register(IMPORT_KIND, lambda context: ImportRun(service, context, chunk_records=chunk_records).run())
    # one at a time: a huge image that has to be decoded whole takes up to 1.2 GB
    jobs.register(TILES_KIND, service.cut, max_running=1)
    jobs.register(CHANGE_KIND, service.run_change)
