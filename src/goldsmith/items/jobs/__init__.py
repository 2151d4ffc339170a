"""Background work of items: imports."""

from __future__ import annotations

from goldsmith.items.jobs.importing import ImportRun
from goldsmith.items.service import ItemsService
from goldsmith.items.service.imports import IMPORT_KIND
from goldsmith.platform.jobs import Jobs

__all__ = ["ImportRun", "register"]


def register(jobs: Jobs, service: ItemsService) -> None:
    """Say how imports are run."""
    jobs.register(IMPORT_KIND, lambda context: ImportRun(service, context).run())
