"""Route x role x workspace on everything that is wired, with nothing left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

import goldsmith.app
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import Settings
from tests.integration.server.house import House, Roster
from tests.integration.server.matrix import find_holes, make_actors
from tests.integration.server.samples import seed

_LABELLING = {"annotations": [], "answers": {}}
_ANSWER = {"request_key": "k", "labelling": _LABELLING, "ontology_version": 1, "instructions_version": 1}
_LEASE = "/api/v1/leases/{judgement_id}"
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/api/v1/projects/{project_id}/tasks/next"): {"stage": "label"},
    ("POST", f"{_LEASE}/renew"): {"token": 1},
    ("POST", f"{_LEASE}/release"): {"token": 1},
    ("POST", f"{_LEASE}/skip"): {"token": 1, "reason": "unclear"},
    ("PUT", f"{_LEASE}/draft"): {"token": 1, "body": {}, "revision": 1},
    ("POST", f"{_LEASE}/submit"): {"token": 1, **_ANSWER},
    ("POST", f"{_LEASE}/review"): {"token": 1, "request_key": "k", "verdict": "accept"},
    ("POST", "/api/v1/tasks/{task_id}/revise"): _ANSWER,
    ("PUT", "/api/v1/tasks/{task_id}/revision/draft"): {"body": {}, "revision": 1},
}
"""A body that holds, for each route that checks inside its own transaction."""


@pytest.fixture
def whole(database_url: str, tmp_path: Path, clock: ManualClock, ids: Ids) -> Iterator[House]:
    """Every step, wired as it is served."""
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url, job_threads=0)
    app = goldsmith.app.wire(open_machine(settings, clock=clock, ids=ids))
    house = House(app.machine, app.accounts, app.gate, app.application(runs_jobs=False), Roster(), clock)
    yield house
    house.close()


def test_no_route_has_a_hole(whole: House) -> None:
    owner = whole.bootstrap()
    actors, members = make_actors(whole, owner)
    samples = seed(whole, owner, members)
    assert find_holes(whole, actors, samples=samples, bodies=BODIES) == []


def test_every_parameter_with_a_scope_has_a_sample(whole: House) -> None:
    owner = whole.bootstrap()
    assert set(seed(whole, owner, [])) >= whole.gate.scopes


def test_the_whole_document_is_valid(whole: House) -> None:
    document = whole.client().get("/api/v1/openapi.json").json()
    validate(document)
    named = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(named) == len(set(named)) > 80
