"""The machine room in one value: what every step's service is given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from goldsmith.core.ids import Clock, Ids, SystemClock
from goldsmith.platform.blobs import BlobStore
from goldsmith.platform.database import Database, open_database
from goldsmith.platform.engine import Engine, open_engine
from goldsmith.platform.fetcher import Fetcher
from goldsmith.platform.jobs import Jobs
from goldsmith.platform.mailer import Mailer
from goldsmith.platform.settings import Settings
from goldsmith.platform.telemetry import Telemetry


@dataclass(frozen=True)
class Machine:
    """Everything a step stands on."""

    settings: Settings
    clock: Clock
    ids: Ids
    database: Database
    blobs: BlobStore
    jobs: Jobs
    engine: Engine
    fetcher: Fetcher
    mailer: Mailer
    telemetry: Telemetry

    def close(self) -> None:
        """Stop jobs, finish what was accepted, release everything."""
        self.jobs.stop()
        self.engine.close()
        self.fetcher.close()
        self.blobs.close()
        self.database.close()


def open_machine(settings: Settings, *, clock: Clock | None = None, ids: Ids | None = None) -> Machine:
    """Open what the settings name; job threads are not started.

    Args:
        settings: How this installation runs.
        clock: Where time comes from; the machine's by default.
        ids: Where ids come from; made from the clock by default.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    used_clock = clock or SystemClock()
    used_ids = ids or Ids(used_clock)
    telemetry = Telemetry()
    blobs = BlobStore(settings.resolved_blob_url(), settings.blob_options, spool_dir=settings.data_dir)
    engine = open_engine(settings)
    database = open_database(settings.resolved_database_url())
    jobs = Jobs(
        database, used_clock, used_ids, folder=settings.data_dir / "jobs", observe=telemetry.observe_job
    )
    for state in ("queued", "running"):
        telemetry.add_gauge(
            f"jobs_{state}", f"Jobs that are {state}.", partial(_count_jobs, database, jobs, state=state)
        )
    return Machine(
        settings=settings,
        clock=used_clock,
        ids=used_ids,
        database=database,
        blobs=blobs,
        jobs=jobs,
        engine=engine,
        fetcher=Fetcher(settings),
        mailer=Mailer(settings),
        telemetry=telemetry,
    )


def _count_jobs(database: Database, jobs: Jobs, *, state: str) -> float:
    return database.read_sync(jobs.count_open).get(state, 0)
