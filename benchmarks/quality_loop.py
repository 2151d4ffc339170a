"""Quality by number: a target stated, people of mixed skill at work, and an audit that proves what came out.

    python -m benchmarks.quality_loop --data FOLDER [--pictures 300] [--json FILE]
    python -m benchmarks.quality_loop --world 200

A started server, simulated people who label over its public API (some careful, some not, one spammer, one who copies),
a policy that asks for as many judgements as a target needs, and then an audit by a reviewer who tells the truth. Labels
are compared with the truth, which the server never sees but for a few hidden known answers.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.installation import serving, settings_of, write_json
from goldsmith.app import open_app
from goldsmith.client import Client, ClientError
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.demo.crowd import HABITS, Habit, answer
from goldsmith.demo.sources import Material, Picture, from_folder, from_world, write_archive
from goldsmith.items.api import KEPT_FROM
from goldsmith.labeling.types import ReviewBody, TaskPayload, Verdict
from goldsmith.projects.api import (
    Asking,
    Consequences,
    QualityPolicy,
    Reaction,
    ReviewMode,
    ReviewPolicy,
    Workflow,
)
from goldsmith.quality.comparing import compare
from goldsmith.quality.types import AuditBegin, AuditState, AuditView

OVERLAP: Final = 3
_GOLD_SHARE: Final = 0.05
_SECONDS_AN_OBJECT: Final = 4.0
_HASTE_S: Final = 2.0
_WAIT_S: Final = 0.05
_LATE_S: Final = 0.2
"""The copier comes late, so that there is something to copy."""
_MOST_WAITS: Final = 400

CAREFUL: Final = (
    *HABITS[:4],
    Habit("Fay (simulated)", miss=0.05, confuse=0.02, jitter=0.04, lean=0.01, invent=0.05, slack=0.02),
    Habit("Gus (simulated)", miss=0.10, confuse=0.03, jitter=0.05, lean=-0.01, invent=0.08, slack=0.05),
)
SPAMMER: Final = "Sam (simulated spammer)"
COPIER: Final = "Kit (simulated copier)"
CARELESS: Final = HABITS[4]
REVIEWER: Final = "Rita (simulated reviewer)"


@dataclass(slots=True)
class Outcome:
    """What came out."""

    title: str
    pictures: int
    target: float
    judgements_per_task: float = 0.0
    reviews: int = 0
    accuracy: float = 0.0
    expected: float | None = None
    audit: dict[str, Any] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    consequences: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0


class Crowd:
    """Simulated people; each answer is a function of the seed, the person and the picture."""

    def __init__(self, material: Material, *, seed: int) -> None:
        self._material = material
        self._seed = seed
        self._truth = {picture.name: picture for picture in material.pool}
        self.handed_in: dict[str, Habit] = {}
        """Whose labels of each picture the copier can see."""
        self._objects = max(
            round(sum(len(picture.gold.annotations) for picture in material.pool) / len(material.pool)), 1
        )

    @property
    def names(self) -> list[str]:
        """Everybody who labels."""
        return [*(habit.name for habit in CAREFUL), SPAMMER, COPIER]

    def note_handed_in(self, who: str, name: str) -> None:
        """Let the copier see somebody's labels of a picture; the first that are there."""
        habit = next((habit for habit in CAREFUL if habit.name == who), None)
        if habit is not None:
            self.handed_in.setdefault(name, habit)

    def label(self, who: str, name: str) -> tuple[Labelling, int]:
        """Return somebody's labels of a picture, and the milliseconds they took."""
        picture = self._truth[name]
        if who == SPAMMER:
            return self._anything(picture), int(1000 * _HASTE_S)
        if who == COPIER:
            # what somebody has handed in by now; else something of the own, in haste
            return self._careful(self.handed_in.get(name, CARELESS), picture), int(1000 * _HASTE_S * 2)
        habit = next(habit for habit in CAREFUL if habit.name == who)
        made = self._careful(habit, picture)
        return made, int(1000 * _SECONDS_AN_OBJECT * (1 + len(made.annotations)))

    def _careful(self, habit: Habit, picture: Picture) -> Labelling:
        return answer(
            picture.gold,
            habit=habit,
            ontology=self._material.ontology,
            name=picture.name,
            width=picture.width,
            height=picture.height,
            seed=self._seed,
        )

    def _anything(self, picture: Picture) -> Labelling:
        digest = hashlib.sha256(f"{self._seed}:{SPAMMER}:{picture.name}".encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        classes = [entry.class_id for entry in self._material.ontology.classes]
        return Labelling(
            annotations=[
                Annotation(
                    annotation_id=f"a{number}",
                    class_id=classes[int(rng.integers(len(classes)))],
                    geometry=_random_box(rng, picture.width, picture.height),
                )
                for number in range(int(rng.poisson(self._objects)))
            ]
        )


class QualityLoop:
    """One project from its policy to its proof.

    Args:
        owner: A client of an owner.
        url: Of the server.
        material: Pictures with their truth.
        target: Share of objects that is to be right.
        seed: Of everything.
    """

    def __init__(self, owner: Client, *, url: str, material: Material, target: float, seed: int) -> None:
        self._owner = owner
        self._url = url
        self._material = material
        self._target = target
        self._crowd = Crowd(material, seed=seed)
        self._truth = {picture.name: picture.gold for picture in material.pool}
        self._keys: dict[str, str] = {}
        self._member_names: dict[str, str] = {}
        self._paused: set[str] = set()

    def run(self) -> Outcome:
        """Label, and prove."""
        started_s = time.monotonic()
        outcome = Outcome(self._material.title, len(self._material.pool), self._target)
        project_id = self._make_project()
        self._hire(project_id)
        self._import(project_id)
        given = self._work(project_id)
        labels = self._labels(project_id)
        outcome.accuracy = accuracy_of(labels, self._truth)
        view = self._owner.quality_target(project_id)
        outcome.judgements_per_task = view.judgements_per_task or 0.0
        outcome.expected = None if view.expected is None else view.expected.value
        audit = self._audit(project_id)
        outcome.audit = audit.model_dump(mode="json", exclude={"curve"})
        outcome.reviews = self._owner.quality_target(project_id).reviews
        outcome.people = self._people(project_id, given)
        outcome.consequences = self._consequences(project_id)
        outcome.seconds = time.monotonic() - started_s
        return outcome

    # --- setting up

    def _make_project(self) -> str:
        policy = QualityPolicy(
            asking=Asking.ADAPTIVE,
            target=self._target,
            least_judgements=1,
            rate_per_hour=18.0,
            consequences=Consequences(spam=Reaction.PAUSE, copying=Reaction.PAUSE, too_fast=Reaction.PAUSE),
        )
        workflow = Workflow(gold_rate=_GOLD_SHARE, review=ReviewPolicy(mode=ReviewMode.NONE))
        project = self._owner.create_project(
            name="Quality by number", ontology=self._material.ontology, workflow=workflow, quality=policy
        )
        return project.project_id

    def _hire(self, project_id: str) -> None:
        for name in [*self._crowd.names, REVIEWER]:
            role = "reviewer" if name == REVIEWER else "annotator"
            added = self._owner.add_member(name=name, kind="simulated", role=role)
            assert added.key is not None
            self._owner.add_to_project(project_id=project_id, member_id=added.member.member_id)
            self._keys[name] = added.key.secret
            self._member_names[added.member.member_id] = name

    def _import(self, project_id: str) -> None:
        pool = sorted(self._material.pool, key=lambda picture: hashlib.sha256(picture.name.encode()).digest())
        known = max(round(len(pool) * _GOLD_SHARE), 4)
        for pictures, labels_as in ((pool[:known], "gold"), (pool[known:], "none")):
            with tempfile.TemporaryDirectory() as folder:
                archive = Path(folder) / "pictures.zip"
                write_archive(
                    pictures, archive, ontology=self._material.ontology, with_labels=labels_as == "gold"
                )
                job_id = self._owner.import_archive(
                    project_id=project_id,
                    archive=archive,
                    format_name="jsonl",
                    labels_as=labels_as,
                    batch=labels_as,
                )
                self._owner.wait(job_id)

    # --- work

    def _work(self, project_id: str) -> Counter[str]:
        """Let everybody work side by side until nothing is left for anybody; returns who handed in how many."""
        given: Counter[str] = Counter()
        lock = threading.Lock()
        idle = threading.Barrier(len(self._crowd.names))
        over = threading.Event()

        def person(name: str) -> None:
            try:
                work(name)
            except BaseException:
                over.set()
                idle.abort()  # or the others would wait for ever
                raise

        def work(name: str) -> None:
            with Client(self._url, self._keys[name]) as client:
                while not over.is_set():
                    done = self._work_off(client, project_id, name)
                    with lock:
                        given[name] += done
                        given["since"] += done
                    if idle.wait() == 0:  # one of them looks whether anything is still to come
                        self._settle(project_id)
                        with lock:
                            if not given.pop("since", 0):
                                over.set()
                    idle.wait()

        threads = [threading.Thread(target=person, args=(name,)) for name in self._crowd.names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return given

    def _work_off(self, client: Client, project_id: str, name: str) -> int:
        done = 0
        while name not in self._paused:
            if name == COPIER:
                time.sleep(_LATE_S)
            try:
                task = client.next_task(project_id)
            except ClientError as error:
                if error.code not in ("paused", "course_required"):
                    raise
                self._paused.add(name)
                break
            if task is None:
                break
            labelling, active_ms = self._crowd.label(name, task.item.name)
            try:
                client.submit(task, labelling, request_key=_request_key(task), active_ms=active_ms)
            except ClientError as error:
                if error.code != "paused":
                    raise
                self._paused.add(name)
            self._crowd.note_handed_in(name, task.item.name)
            done += 1
        return done

    def _settle(self, project_id: str) -> None:
        while waiting := [job for job in self._owner.open_jobs() if job.subject == project_id]:
            self._owner.wait(waiting[0].job_id)

    # --- proof

    def _audit(self, project_id: str) -> AuditView:
        self._owner.start_audit(project_id, AuditBegin(target=self._target, most_tasks=2_000))
        with Client(self._url, self._keys[REVIEWER]) as reviewer:
            waits = 0
            while (audit := self._owner.list_audits(project_id)[0]).state is AuditState.RUNNING:
                task = reviewer.next_task(project_id, stage="review")
                if task is None:
                    self._settle(project_id)
                    time.sleep(_WAIT_S)
                    waits += 1
                    if waits > _MOST_WAITS:
                        break
                    continue
                reviewer.review(task, self._verdict(task))
        return audit

    def _verdict(self, task: TaskPayload) -> ReviewBody:
        """Say the truth: accept what is right, fix what is not."""
        truth = self._truth[task.item.name]
        assert task.review is not None
        shown = task.review.consensus or Labelling()
        said = compare(_kept(shown), truth)
        is_right = said.wrong == 0 and said.missed == 0
        return ReviewBody(
            token=task.lease.token,
            request_key=_request_key(task),
            verdict=Verdict.ACCEPT if is_right else Verdict.FIX,
            labelling=None if is_right else truth,
            active_ms=int(1000 * _SECONDS_AN_OBJECT * (1 + len(truth.annotations)) / 2),
        )

    # --- what came out

    def _labels(self, project_id: str) -> dict[str, Labelling]:
        known = {row["name"] for row in self._owner.iter_items(project_id, has_gold=True)}
        rows = [json.loads(line) for line in self._owner.export_project(project_id).splitlines()]
        return {
            row["name"]: Labelling.model_validate(row["labelling"])
            for row in rows
            if row.get("labelling") is not None and row["name"] in self._truth and row["name"] not in known
        }

    def _people(self, project_id: str, given: Mapping[str, int]) -> list[dict[str, Any]]:
        shown = {entry.name: entry for entry in self._owner.quality(project_id).annotators}
        return [
            {
                "name": name,
                "judgements": given.get(name, 0),
                "skill": shown[name].skill.model_dump() if name in shown else None,
                "is_paused": name in self._paused,
            }
            for name in self._crowd.names
        ]

    def _consequences(self, project_id: str) -> list[dict[str, Any]]:
        return [
            {
                "name": self._member_names.get(entry.member_id, entry.member_id),
                "kind": entry.kind.value,
                "signal": entry.signal.value,
                "sentence": entry.evidence.sentence,
            }
            for entry in self._owner.list_consequences(project_id)
        ]


def accuracy_of(labels: Mapping[str, Labelling], truth: Mapping[str, Labelling]) -> float:
    """Share of objects that are right, of those that the labels hold or should hold."""
    right = total = 0
    for name, labelling in labels.items():
        said = compare(_kept(labelling), truth[name])
        right += said.right
        total += said.total
    return right / max(total, 1)


def print_outcome(outcome: Outcome) -> None:
    """Print what came out, for people."""
    print(f"{outcome.pictures} pictures of {outcome.title}; target {outcome.target:.0%} of objects right")
    fewer = 1.0 - outcome.judgements_per_task / OVERLAP
    print(
        f"  judgements a task   {outcome.judgements_per_task:.2f}   (overlap {OVERLAP}: {OVERLAP:.2f}; "
        f"{fewer:.0%} fewer)"
    )
    print(f"  right, by the truth {outcome.accuracy:.2%}")
    if outcome.expected is not None:
        print(f"  right, as expected  {outcome.expected:.2%}")
    print(f"  audit               {outcome.audit['state']}: {outcome.audit['sentence']}")
    for person in outcome.people:
        skill = person["skill"]
        shown = (
            "unknown" if skill is None else f"{skill['value']:.3f} [{skill['low']:.3f}, {skill['high']:.3f}]"
        )
        state = "   paused" if person["is_paused"] else ""
        print(f"  {person['name']:<28} {person['judgements']:>5} judgements   skill {shown}{state}")
    for entry in outcome.consequences:
        print(f"  {entry['name']}: {entry['kind']} for {entry['signal']}: {entry['sentence']}")
    print(f"  {outcome.seconds:.0f} s")


def run(material: Material, *, target: float, seed: int) -> Outcome:
    """Start a server on an empty folder and run the loop against it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        url = f"sqlite:///{place / 'goldsmith.db'}"
        key = _found(place, url)
        with serving(place, url, job_threads=2) as server, Client(server.address, key) as owner:
            return QualityLoop(owner, url=server.address, material=material, target=target, seed=seed).run()


def _found(folder: Path, url: str) -> str:
    app = open_app(settings_of(folder, url))
    try:

        def found(tx: Any) -> str:
            made = app.accounts.bootstrap_owner(
                tx, email="you@example.org", name="You", password=None, workspace_name="Benchmark"
            )
            return app.accounts.create_key(tx, made.workspace_id, "you@example.org", name="loop").secret

        return str(app.machine.database.write_sync(found))
    finally:
        app.close()


def _kept(labelling: Labelling) -> Labelling:
    kept = [entry for entry in labelling.annotations if entry.score is None or entry.score >= KEPT_FROM]
    return labelling.model_copy(update={"annotations": kept})


def _random_box(rng: np.random.Generator, width: int, height: int) -> Box:
    size_x, size_y = rng.uniform(8.0, width / 4.0), rng.uniform(8.0, height / 4.0)
    left, top = rng.uniform(0.0, width - size_x), rng.uniform(0.0, height - size_y)
    return Box(box_xyxy=(float(left), float(top), float(left + size_x), float(top + size_y)))


def _request_key(task: TaskPayload) -> str:
    return f"{task.lease.judgement_id}:{task.lease.token}"


def _first(pictures: Sequence[Picture], count: int) -> list[Picture]:
    """Every so many of the pictures, so that all kinds are among them."""
    step = max(len(pictures) // max(count, 1), 1)
    return list(pictures[::step][:count])


def _of_boxes(material: Material) -> Material:
    """Leave attributes and questions out, as a folder of pictures has none."""
    classes = [entry.model_copy(update={"attributes": []}) for entry in material.ontology.classes]
    return Material(
        material.title,
        material.ontology.model_copy(update={"classes": classes, "questions": []}),
        [
            dataclasses.replace(
                picture,
                gold=Labelling(
                    annotations=[
                        entry.model_copy(update={"attributes": {}}) for entry in picture.gold.annotations
                    ]
                ),
            )
            for picture in material.pool
        ],
        material.test,
    )


def main() -> None:
    """Run the loop on real pictures, or on generated ones."""
    parser = argparse.ArgumentParser(
        description="Reach a target with as few judgements as it takes, and prove it."
    )
    parser.add_argument("--data", type=Path, help="folder of pictures with a COCO file")
    parser.add_argument("--world", type=int, help="so many generated pictures instead")
    parser.add_argument("--pictures", type=int, default=300, help="at most so many of the folder")
    parser.add_argument("--target", type=float, default=0.95)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json")
    given = parser.parse_args()
    if given.world:
        material = _of_boxes(from_world(pool=given.world, test=1, seed=given.seed))
    elif given.data is None or not given.data.is_dir():
        raise SystemExit(
            "say a folder with pictures and a COCO file (--data), or a number of generated ones (--world)"
        )
    else:
        read = from_folder(given.data)
        material = Material(read.title, read.ontology, _first(read.pool, given.pictures), read.test)
    outcome = run(material, target=given.target, seed=given.seed)
    print_outcome(outcome)
    write_json(given.json, {name: getattr(outcome, name) for name in outcome.__slots__})


if __name__ == "__main__":
    main()
