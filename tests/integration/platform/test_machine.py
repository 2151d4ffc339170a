from __future__ import annotations

from pathlib import Path

import pytest

from goldsmith.core.errors import DatabaseBusyError, GoldsmithError, InvalidInputError
from goldsmith.platform.database import metadata
from goldsmith.platform.database.migrating import migrate
from goldsmith.platform.jobs import JobContext
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import load_settings


def test_a_machine_works_in_one_folder(tmp_path: Path) -> None:
    machine = open_machine(load_settings(data_dir=tmp_path / "data"))
    migrate(machine.database, metadata)

    def handler(context: JobContext) -> list[int]:
        name = machine.blobs.put(b"-1 -2")
        return list(machine.engine.map(abs, [int(part) for part in machine.blobs.get(name).split()]))

    machine.jobs.register("work", handler)
    job_id = machine.database.write_sync(
        lambda tx: machine.jobs.enqueue(tx, "work", workspace_id="w", args={})
    )
    assert "goldsmith_jobs_queued 1.0" in machine.telemetry.render().decode()
    machine.jobs.run_until_idle()
    assert machine.database.read_sync(lambda tx: machine.jobs.get(tx, job_id)).result == [1, 2]
    text = machine.telemetry.render().decode()
    assert "goldsmith_jobs_queued 0.0" in text
    assert 'goldsmith_job_runs_total{kind="work",outcome="done"} 1.0' in text
    machine.close()
    with pytest.raises(DatabaseBusyError):
        machine.database.write_sync(lambda tx: None)


@pytest.mark.parametrize(
    "wrong",
    [{"database_url": "mysql://x"}, {"blob_url": "ftp://x"}, {"database_url": "postgresql://127.0.0.1:1/x"}],
)
def test_what_cannot_be_opened_is_said(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(GoldsmithError) as refused:
        open_machine(load_settings(data_dir=tmp_path, **wrong))
    assert isinstance(refused.value, InvalidInputError | DatabaseBusyError)
