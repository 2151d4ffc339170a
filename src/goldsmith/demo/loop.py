"""The loop, end to end, through the public HTTP API: label, resolve, version, train, evaluate, and back, twice."""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from goldsmith.client import Client
from goldsmith.core.annotations import Labelling
from goldsmith.datasets.types import SplitPolicy, VersionPolicy, VersionView
from goldsmith.demo.crowd import HABITS, Habit, answer
from goldsmith.demo.sources import Material, Picture, write_archive
from goldsmith.demo.truth import ObjectScore, score_labels
from goldsmith.evaluation.types import Comparison, EvaluationView, NewEvaluation, SendBody
from goldsmith.labeling.types import ReviewBody, TaskPayload, Verdict
from goldsmith.platform.jobs import JobView
from goldsmith.projects.types import ReviewMode, ReviewPolicy, TaskOrder, Workflow
from goldsmith.training.recipes import Recipe
from goldsmith.training.types import NewPrelabels, NewRun, RunView

OVERLAP: Final = 3
GOLD_SHARE: Final = 0.08
_FLAGGED_BELOW: Final = 0.6
_SECONDS_AN_OBJECT: Final = 4.0
_INSTRUCTIONS: Final = """# Label every object of the listed classes

- Draw the box **tight** around what can be seen of the object.
- Mark an object as *occluded* when something hides part of it, as *truncated* when the border cuts it.
- Leave out what you cannot make out.
"""

Say = Callable[[str], None]
Watch = Callable[[JobView], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the demonstration is.

    Attributes:
        first: Pictures of the first round.
        second: Pictures of the second round, for each of the two ways of choosing.
        recipe: Of the detector, the same for all three.
        seed: Of everything.
    """

    first: int
    second: int
    recipe: Recipe
    seed: int = 7


@dataclass(slots=True)
class Outcome:
    """What came out; ``as_json`` is what ``--json`` writes.

    ``consensus`` is of the annotators alone, ``reviewed`` the labels as the reviewer left them.
    """

    title: str
    pictures: dict[str, int]
    annotators: list[dict[str, Any]] = field(default_factory=list)
    consensus: dict[str, Any] = field(default_factory=dict)
    reviewed: dict[str, Any] = field(default_factory=dict)
    versions: list[dict[str, Any]] = field(default_factory=list)
    models: list[dict[str, Any]] = field(default_factory=list)
    comparisons: list[dict[str, Any]] = field(default_factory=list)
    lineage: dict[str, Any] = field(default_factory=dict)
    audit: dict[str, Any] = field(default_factory=dict)
    project_id: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


class Loop:
    """Runs the whole demonstration against a server.

    Args:
        owner: A client of an owner or manager.
        url: Of the server.
        material: Pictures with their truth.
        plan: How large.
        say: Told what happens.
        watch: Told how long jobs are getting on.
    """

    def __init__(
        self, owner: Client, *, url: str, material: Material, plan: Plan, say: Say, watch: Watch
    ) -> None:
        self._owner = owner
        self._url = url
        self._material = material
        self._plan = plan
        self._say = say
        self._watch = watch
        self._truth = {picture.name: picture for picture in material.pool}
        self._given: dict[str, dict[str, Labelling]] = {habit.name: {} for habit in HABITS}
        self._known: set[str] = set()
        """Names of the gold tasks' pictures: their answers are known, so nothing is shown by them."""
        self._mended: dict[str, Labelling] = {}
        """What the annotators' consensus was of the pictures that the reviewer mended."""
        self._lock = threading.Lock()
        self._keys: dict[str, str] = {}

    def run(self) -> Outcome:
        """Run both rounds and return what came out."""
        plan, material = self._plan, self._material
        outcome = Outcome(material.title, {"pool": len(material.pool), "held_out": len(material.test)})
        project_id = outcome.project_id = self._make_project()
        self._hire(project_id)
        self._import_pool(project_id)
        test = self._import_test()
        first_items = self._label(project_id, "round 1")
        first = self._cut(project_id, test, first_items, "round 1", outcome)
        (before,) = self._train_and_measure({"round 1": first}, test, outcome)
        chosen = {}
        for policy in ("random", "gain"):
            name = f"round 2, by {policy}"
            body = SendBody(
                project_id=project_id, count=plan.second, policy=policy, name=name, seed=plan.seed
            )
            sent = self._owner.send_to_labelling(evaluation_id=before.evaluation_id, body=body)
            chosen[name] = list(sent["item_ids"])
        self._label(project_id, "round 2")
        second = {
            name: self._cut(project_id, test, [*first_items, *items], name, outcome)
            for name, items in chosen.items()
        }
        random, gain = self._train_and_measure(second, test, outcome)
        for name, evaluation in zip(second, (random, gain), strict=True):
            outcome.comparisons.append(_comparison(name, "round 1", self._compare(evaluation, before)))
        outcome.comparisons.append(
            _comparison("round 2, by gain", "round 2, by random", self._compare(gain, random))
        )
        self._sum_up(project_id, outcome)
        self._open_the_rest(project_id, gain)
        return outcome

    # --- setting up

    def _make_project(self) -> str:
        workflow = Workflow(
            overlap=OVERLAP,
            gold_rate=GOLD_SHARE,
            order=TaskOrder.SEQUENCE,
            review=ReviewPolicy(mode=ReviewMode.FLAGGED, posterior_below=_FLAGGED_BELOW),
        )
        project = self._owner.create_project(
            name="Streets", ontology=self._material.ontology, instructions=_INSTRUCTIONS, workflow=workflow
        )
        return project.project_id

    def _hire(self, project_id: str) -> None:
        self._say(f"Hiring {len(HABITS)} simulated annotators and a simulated reviewer")
        for name, role in [*((habit.name, "annotator") for habit in HABITS), (_REVIEWER.name, "reviewer")]:
            added = self._owner.add_member(name=name, kind="simulated", role=role)
            assert added.key is not None
            self._owner.add_to_project(project_id=project_id, member_id=added.member.member_id)
            self._keys[name] = added.key.secret

    def _import_pool(self, project_id: str) -> None:
        pool = _shuffled_groups(self._material.pool, seed=self._plan.seed)
        gold_count = max(round(len(pool) * GOLD_SHARE), 4)
        gold, rest = pool[:gold_count], pool[gold_count:]
        self._known = {picture.name for picture in gold}
        first, held_back = rest[: self._plan.first], rest[self._plan.first :]
        self._import(project_id, gold, batch="gold", labels_as="gold")
        self._import(project_id, first, batch="round 1", labels_as="none")
        self._import(project_id, held_back, batch="pool", labels_as="none")
        pool_batch = next(batch for batch in self._owner.list_batches(project_id) if batch.name == "pool")
        self._owner.change_batch(project_id=project_id, batch_id=pool_batch.batch_id, state="paused")

    def _import_test(self) -> VersionView:
        project = self._owner.create_project(name="Streets held out", ontology=self._material.ontology)
        self._import(project.project_id, self._material.test, batch="gold", labels_as="gold")
        dataset = self._owner.create_dataset("streets-test")
        policy = VersionPolicy(
            project_ids=[project.project_id], split=SplitPolicy(mode="fixed", fixed_split="test")
        )
        return self._owner.create_version(dataset_id=dataset.dataset_id, policy=policy)

    def _import(self, project_id: str, pictures: Sequence[Picture], *, batch: str, labels_as: str) -> None:
        self._say(f"Importing {len(pictures)} pictures as batch “{batch}”")
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "pictures.zip"
            write_archive(
                pictures, archive, ontology=self._material.ontology, with_labels=labels_as != "none"
            )
            job_id = self._owner.import_archive(
                project_id=project_id,
                archive=archive,
                format_name="jsonl",
                labels_as=labels_as,
                batch=batch,
            )
            self._owner.wait(job_id, on_progress=self._watch)

    # --- labelling

    def _label(self, project_id: str, title: str) -> list[str]:
        """Let everybody work until nothing is left, then review, and return the items labelled in this round."""
        self._say(f"{title.capitalize()}: {len(HABITS)} people label, {OVERLAP} judgements a picture")
        before = self._labelled_items(project_id)
        with ThreadPoolExecutor(max_workers=len(HABITS)) as people:
            list(people.map(lambda habit: self._work(project_id, habit), HABITS))
        self._settle(project_id)
        self._review(project_id)
        self._settle(project_id)
        return sorted(self._labelled_items(project_id) - before)

    def _work(self, project_id: str, habit: Habit) -> None:
        with Client(self._url, self._keys[habit.name]) as client:
            while (task := client.next_task(project_id)) is not None:
                labelling = self._answer(task, habit)
                active_ms = int(1000 * _SECONDS_AN_OBJECT * (1 + len(labelling.annotations)))
                client.submit(task, labelling, request_key=_request_key(task), active_ms=active_ms)
                with self._lock:
                    self._given[habit.name][task.item.name] = labelling

    def _answer(self, task: TaskPayload, habit: Habit) -> Labelling:
        picture = self._truth[task.item.name]
        return answer(
            picture.gold,
            habit=habit,
            ontology=self._material.ontology,
            name=picture.name,
            width=picture.width,
            height=picture.height,
            seed=self._plan.seed,
        )

    def _review(self, project_id: str) -> None:
        with Client(self._url, self._keys[_REVIEWER.name]) as client:
            count = 0
            while (task := client.next_task(project_id, stage="review")) is not None:
                body = ReviewBody(
                    token=task.lease.token,
                    request_key=_request_key(task),
                    verdict=Verdict.FIX,
                    labelling=self._answer(task, _REVIEWER),
                )
                client.review(task, body)
                if task.review is not None and task.review.consensus is not None:
                    self._mended[task.item.name] = task.review.consensus
                count += 1
        self._say(f"  the reviewer looked at {count} pictures that hold an unsure decision")

    def _settle(self, project_id: str) -> None:
        """Wait until the consensus of everything that is in has been resolved."""
        while waiting := [job for job in self._owner.open_jobs() if job.subject == project_id]:
            self._owner.wait(waiting[0].job_id, on_progress=self._watch)

    def _labelled_items(self, project_id: str) -> set[str]:
        return {item["item_id"] for item in self._owner.iter_items(project_id, state="done")}

    # --- versions, models

    def _cut(
        self, project_id: str, test: VersionView, item_ids: Sequence[str], name: str, outcome: Outcome
    ) -> VersionView:
        dataset = self._owner.create_dataset(f"streets: {name}")
        policy = VersionPolicy(
            project_ids=[project_id],
            item_ids=list(item_ids),
            split=SplitPolicy(fractions={"train": 0.9, "validation": 0.1}, seed=self._plan.seed),
            keep_apart_from=[test.dataset_version_id],
        )
        version = self._owner.create_version(dataset_id=dataset.dataset_id, policy=policy)
        splits: Any = version.card["splits"]
        outcome.versions.append(
            {
                "name": name,
                "dataset_version_id": version.dataset_version_id,
                "content_hash": version.content_hash,
                "splits": {split: facts["items"] for split, facts in splits.items()},
            }
        )
        return version

    def _train_and_measure(
        self, versions: Mapping[str, VersionView], test: VersionView, outcome: Outcome
    ) -> list[EvaluationView]:
        """Train a detector on each version, side by side, then measure each on the held-out pictures."""
        self._say(f"Training the detector: {'; '.join(versions)}")
        started = [
            self._owner.start_run(
                NewRun(
                    recipe=self._plan.recipe,
                    dataset_version_id=version.dataset_version_id,
                    seed=self._plan.seed,
                    model_name="street detector",
                )
            )
            for version in versions.values()
        ]
        for run in started:
            self._owner.wait(run.job_id, on_progress=self._watch)
        runs = [self._owner.get_run(run.run_id) for run in started]
        return [self._measure(name, run, test, outcome) for name, run in zip(versions, runs, strict=True)]

    def _measure(self, name: str, run: RunView, test: VersionView, outcome: Outcome) -> EvaluationView:
        assert run.model_version_id is not None
        wish = NewEvaluation(
            model_version_id=run.model_version_id, dataset_version_id=test.dataset_version_id, split="test"
        )
        measured = self._owner.evaluate(wish)
        self._owner.wait(measured.job_id, on_progress=self._watch)
        evaluation = self._owner.get_evaluation(measured.evaluation_id)
        assert evaluation.metrics is not None
        numbers = evaluation.metrics.numbers
        outcome.models.append(
            {
                "name": name,
                "model_version_id": run.model_version_id,
                "evaluation_id": evaluation.evaluation_id,
                "ap50": numbers["ap50"].model_dump(),
                "ap": numbers["ap"].model_dump(),
                "classes": {entry.name: entry.ap50.value for entry in evaluation.metrics.classes},
                "seconds_cpu": run.environment.get("seconds_cpu"),
            }
        )
        self._say(f"  {name}: AP50 {numbers['ap50'].value:.3f} on the held-out pictures")
        return evaluation

    def _compare(self, this: EvaluationView, other: EvaluationView) -> Comparison:
        return self._owner.compare(this.evaluation_id, other.evaluation_id)

    # --- summing up

    def _sum_up(self, project_id: str, outcome: Outcome) -> None:
        labels = [json.loads(line) for line in self._owner.export_project(project_id).splitlines()]
        final = {
            row["name"]: Labelling.model_validate(row["labelling"])
            for row in labels
            if row.get("labelling") is not None and row["name"] in self._truth.keys() - self._known
        }
        consensus = final | {name: label for name, label in self._mended.items() if name in final}
        truth = {name: self._truth[name].gold for name in final}
        shown = self._owner.quality(project_id)
        estimated = {entry.name: entry.skill for entry in shown.annotators}
        for habit in HABITS:
            given = {name: label for name, label in self._given[habit.name].items() if name in truth}
            score = score_labels(given, truth, least=0.0)
            row = {"name": habit.name, "pictures": len(given), **_score(score)}
            if habit.name in estimated:
                row["skill"] = estimated[habit.name].model_dump()
            outcome.annotators.append(row)
        outcome.consensus = {"pictures": len(final), **_score(score_labels(consensus, truth, least=0.5))}
        outcome.reviewed = {
            "pictures": len(final),
            "mended": len(self._mended),
            **_score(score_labels(final, truth, least=0.5)),
        }
        model_version_id = outcome.models[-1]["model_version_id"]
        up = self._owner.lineage(model_version_id, direction="up")
        outcome.lineage["up"] = {"subject": up.subject.name, **{step.kind: step.count for step in up.steps}}
        member = next(node for step in up.steps if step.kind == "member" for node in step.nodes)
        down = self._owner.lineage(member.id, direction="down")
        outcome.lineage["down"] = {
            "subject": down.subject.name,
            **{step.kind: step.count for step in down.steps},
        }
        outcome.audit = self._owner.verify_audit()

    def _open_the_rest(self, project_id: str, best: EvaluationView) -> None:
        """Leave work for whoever looks: the rest of the pool, pre-labelled by the best model."""
        self._say("Pre-labelling what is left in the pool, for you")
        pool = next(batch for batch in self._owner.list_batches(project_id) if batch.name == "pool")
        self._owner.change_batch(project_id=project_id, batch_id=pool.batch_id, state="open")
        job_id = self._owner.prelabel(
            project_id=project_id, body=NewPrelabels(model_version_id=best.model_version_id)
        )
        self._owner.wait(job_id, on_progress=self._watch)


_REVIEWER: Final = Habit(
    "Rita (simulated)", miss=0.02, confuse=0.01, jitter=0.02, lean=0.0, invent=0.02, slack=0.01
)


def _shuffled_groups(pictures: Sequence[Picture], *, seed: int) -> list[Picture]:
    """Order pictures by a hash of their group, so that rounds hold whole sequences and not their halves."""

    def key(picture: Picture) -> tuple[str, str]:
        group = picture.group or picture.name
        return hashlib.sha256(f"{seed}:{group}".encode()).hexdigest(), picture.name

    return sorted(pictures, key=key)


def _request_key(task: TaskPayload) -> str:
    return f"{task.lease.judgement_id}:{task.lease.token}"


def _score(score: ObjectScore) -> dict[str, float]:
    return {
        "f1": round(score.f1, 4),
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
        "mean_iou": round(score.mean_iou, 4),
    }


def _comparison(this: str, other: str, result: Comparison) -> dict[str, Any]:
    return {
        "this": this,
        "other": other,
        "difference": result.difference.model_dump(),
        "probability_better": result.probability_better,
        "verdict": result.verdict,
    }
