"""Imports, trainings and evaluations whose server is killed half-way end as if nothing had happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from goldsmith.client import Client
from goldsmith.datasets.types import SplitPolicy, VersionPolicy
from goldsmith.demo.sources import Material, from_world, write_archive
from goldsmith.evaluation.types import NewEvaluation
from goldsmith.platform.jobs import JobView
from goldsmith.training.recipes import RECIPES, Recipe
from goldsmith.training.types import NewRun
from tests.integration.robustness.served import Founded, Served

PATIENCE_S = 180.0
POOL, HELD_OUT = 32, 24
RECIPE: Recipe = next(card.recipe for card in RECIPES if card.name == "detect-quick").model_copy(
    update={"steps": 16, "input_size_px": 160, "crop_size_px": 96, "batch_size": 4, "validate_every": 2}
)


def watch(client: Client, job_id: str, until: Callable[[JobView], bool]) -> JobView:
    """Look at a job, as often as the server can tell, until something holds; a server that is away is waited for."""
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        try:
            view = client.get_job(job_id)
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        if until(view):
            return view
        assert view.state not in {"failed", "cancelled"}, view.error
        time.sleep(0.005)
    raise AssertionError("it did not happen")


def has_begun(view: JobView) -> bool:
    """Say whether a job is at work, though none of its parts may be through."""
    return bool(view.state == "running")


def is_half_way(view: JobView) -> bool:
    """Say whether a job has parts behind and before it."""
    return 0 < view.done < (view.total or 0)


def kill_once(
    served: Served, client: Client, job_id: str, *, when: Callable[[JobView], bool] = is_half_way
) -> JobView:
    """Kill the server in the middle of a job; return the job's end after the restart."""
    half_way = watch(client, job_id, lambda view: view.state == "done" or when(view))
    served.kill()
    assert half_way.state == "running", "it was through before it could be killed; give it more to do"
    served.start()
    ended = watch(client, job_id, lambda view: not view.state.is_open)
    assert ended.state == "done", ended.error
    assert ended.attempt == 2
    return ended


@pytest.fixture(scope="module")
def material() -> Material:
    """Pictures with their truth."""
    return from_world(pool=POOL, test=HELD_OUT, seed=5)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One installation for all tests of this module."""
    made = Served(tmp_path_factory.mktemp("killed"), environment={"GOLDSMITH_JOB_THREADS": "1"})
    yield made
    made.stop()


@pytest.fixture(scope="module")
def founded(served: Served) -> Founded:
    founded = served.found()
    served.start()
    return founded


@pytest.fixture
def client(served: Served, founded: Founded) -> Iterator[Client]:
    """The owner; job states are asked for over and over, so it is one connection."""
    with served.client(founded.key) as opened:
        yield opened


def bring_in(
    client: Client, name: str, archive: Path, *, format_name: str, labels_as: str
) -> tuple[str, str]:
    project = client.create_project(name=name)
    job_id = client.import_archive(
        project_id=project.project_id, archive=archive, format_name=format_name, labels_as=labels_as
    )
    return project.project_id, job_id


def contents(client: Client, project_id: str) -> list[tuple[Any, ...]]:
    """The items of a project, in order, with whatever an import decides of them."""
    kept = ("name", "width", "height", "state", "metadata", "is_gold", "object_count", "classes")
    return sorted(
        (tuple(str(item.get(key)) for key in kept) for item in client.iter_items(project_id)),
        key=lambda row: row[0],
    )


def test_a_killed_import_brings_in_the_same_items(
    served: Served, client: Client, material: Material, tmp_path: Path
) -> None:
    archive = tmp_path / "pictures.zip"
    pictures = [*material.pool, *material.test]
    copies = [
        # other bytes, same picture: a comment after the end of a JPEG is passed over by decoders
        picture.__class__(**_fields(picture, name=f"{number}-{picture.name}", suffix=b"\0%d" % number))
        for number in range(26)  # seconds of work: progress is written twice a second
        for picture in pictures
    ]
    write_archive(copies, archive, ontology=material.ontology, with_labels=True)
    whole_id, job_id = bring_in(client, "whole", archive, format_name="jsonl", labels_as="gold")
    watch(client, job_id, lambda view: not view.state.is_open)
    killed_id, job_id = bring_in(client, "killed", archive, format_name="jsonl", labels_as="gold")
    ended = kill_once(served, client, job_id)
    assert ended.result["imported"] == len(copies)
    found = contents(client, killed_id)
    assert found == contents(client, whole_id)
    assert len(found) == len({row[0] for row in found}) == len(copies)


def _fields(picture: Any, *, name: str, suffix: bytes) -> dict[str, Any]:
    fields = {key: getattr(picture, key) for key in picture.__slots__}
    return fields | {"name": name, "data": picture.data + suffix}


@pytest.mark.train
def test_a_killed_training_and_evaluation_give_the_same_result(
    served: Served, client: Client, material: Material, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    versions = [
        cut(client, f"streets {split}", pictures, material, split=split, folder=tmp_path)
        for split, pictures in (("train", material.pool), ("test", material.test))
    ]
    body = NewRun(recipe=RECIPE, dataset_version_id=versions[0], seed=3, model_name="whole")
    whole = client.start_run(body)
    watch(client, whole.job_id, lambda view: not view.state.is_open)
    killed = client.start_run(body.model_copy(update={"model_name": "killed"}))
    kill_once(served, client, killed.job_id)
    runs = [client.get_run(started.run_id) for started in (whole, killed)]
    assert [run.state for run in runs] == ["done", "done"]
    models = [client.get_model_version(str(run.model_version_id)) for run in runs]
    assert models[0].weights_sha256 == models[1].weights_sha256
    assert [point.model_dump() for point in runs[0].curves] == [
        point.model_dump() for point in runs[1].curves
    ]

    wish = NewEvaluation(
        model_version_id=models[0].model_version_id, dataset_version_id=versions[1], split="test"
    )
    measured = client.evaluate(wish)
    watch(client, measured.job_id, lambda view: not view.state.is_open)
    again = client.evaluate(wish.model_copy(update={"model_version_id": models[1].model_version_id}))
    kill_once(served, client, again.job_id, when=has_begun)
    results = [client.get_evaluation(started.evaluation_id) for started in (measured, again)]
    assert results[0].metrics is not None
    assert results[0].metrics == results[1].metrics


def cut(client: Client, name: str, pictures: Any, material: Material, *, split: str, folder: Path) -> str:
    """Import pictures with their truth and cut a version of them; returns its id."""
    archive = folder / f"{split}.zip"
    write_archive(pictures, archive, ontology=material.ontology, with_labels=True)
    project_id, job_id = bring_in(client, name, archive, format_name="jsonl", labels_as="gold")
    watch(client, job_id, lambda view: not view.state.is_open)
    dataset = client.create_dataset(name)
    fractions = {"train": 0.8, "validation": 0.2}
    policy = VersionPolicy(
        project_ids=[project_id],
        split=SplitPolicy(mode="fixed", fixed_split="test")
        if split == "test"
        else SplitPolicy(fractions=fractions),
    )
    return client.create_version(dataset_id=dataset.dataset_id, policy=policy).dataset_version_id
