"""What stands behind Scale's task API, on both databases: goldsmith's own tasks, callbacks, races and statements."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from benchmarks.statements import CountingDatabase

import goldsmith.app
from goldsmith.accounts.api import Access
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Span
from goldsmith.labeling.types import Stage, SubmitBody
from goldsmith.platform.database import Sql, Transaction
from goldsmith.platform.machine import open_machine
from tests.integration.quality.installation import Installation, installation, picture
from tests.integration.server.house import Browser, Loop

__all__ = ["installation"]

TEXT = "Alex met Ada in Paris."
CALLBACKS = Sql("SELECT kind, subject_id, event, url FROM scale_callbacks ORDER BY callback_id")
GEOMETRIES = {"box": {"objects_to_annotate": ["Cow"]}}


def label(name: str) -> dict[str, str]:
    return {"name": name, "description": name}


class Customer:
    """A script with a key, and the people who do its work."""

    def __init__(self, house: Installation) -> None:
        self.house = house
        self.browser = house.browser()
        self.tester = self._tester()

    def _tester(self) -> Browser:
        browser = self.house.browser()
        owner = self.house.owner
        made = self.house.write(
            lambda tx: self.house.app.accounts.keys.create(tx, owner, name="tests", mode="test")
        )
        browser.headers["Authorization"] = f"Bearer {made.secret}"
        return browser

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        if body is not None:
            more["json"] = body
        answer = self.browser.request(method, f"/v1{path}", **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    def project(self, name: str = "texts", kind: str = "namedentityrecognition", **params: Any) -> str:
        self.ask("POST", "/projects", {"name": name, "type": kind, "params": params})
        return self.read(
            "SELECT project_id FROM scale_projects WHERE name = :name AND is_test = 0", name=name
        )

    def text(self, project: str = "texts", labels: tuple[str, ...] = ("person",), **more: Any) -> Any:
        body = {"project": project, "text": TEXT, "labels": [label(name) for name in labels], **more}
        return self.ask("POST", "/task/namedentityrecognition", body)

    def upload(self) -> str:
        data = picture(1).data
        files = {"file": ("a.png", io.BytesIO(data), "image/png")}
        return str(self.ask("POST", "/files/upload", files=files)["attachment_url"])

    def read(self, text: str, **params: Any) -> Any:
        return self.house.read(lambda tx: tx.scalar(Sql(text), params))

    def callbacks(self) -> list[tuple[str, str, str]]:
        rows = self.house.read(lambda tx: [dict(row) for row in tx.all(CALLBACKS)])
        return [(row["kind"], row["subject_id"], row["event"]) for row in rows]

    def work(self, project_id: str, *spans: tuple[int, int]) -> int:
        """Let somebody mark these in every task that is handed out."""
        access = self.house.owner._replace(project_id=project_id)
        ontology = self.house.read(lambda tx: self.house.app.projects.get_ontology(tx, project_id))
        class_id = ontology.classes[0].class_id
        marks = [
            Annotation(annotation_id=f"a{start}", class_id=class_id, geometry=Span(start=start, end=end))
            for start, end in spans
        ]
        done = 0
        while self.work_one(access, project_id, Labelling(annotations=marks)):
            done += 1
        self.house.run_jobs()
        return done

    def work_one(self, access: Access, project_id: str, labelling: Labelling) -> bool:
        labeling = self.house.app.labeling

        def run(tx: Transaction) -> bool:
            task = labeling.next_task(tx, access, project_id=project_id, stage=Stage.LABEL)
            if task is None:
                return False
            wire = task.to_wire()
            body = SubmitBody(
                token=task.token,
                request_key=task.judgement_id,
                labelling=labelling,
                active_ms=2500,
                ontology_version=wire["ontology_version"],
                instructions_version=wire["instructions_version"],
            )
            labeling.submit(tx, access, judgement_id=task.judgement_id, body=body)
            return True

        return bool(self.house.write(run))


@pytest.fixture
def customer(installation: Installation) -> Iterator[Customer]:
    return Customer(installation)


def test_work_comes_back_and_is_told(customer: Customer) -> None:
    project_id = customer.project(instruction="Mark people.")
    customer.ask(
        "POST", "/batches", {"name": "b", "project": "texts", "callback": "http://127.0.0.1:9/batch"}
    )
    one = customer.text(batch="b", callback_url="http://127.0.0.1:9/task", instruction="All of them.")
    two = customer.text(batch="b")
    assert customer.work(project_id, (0, 4)) == 0, "a staged batch waits"
    customer.ask("POST", "/batches/b/finalize")
    scope = customer.read("SELECT scope FROM tasks ORDER BY task_id LIMIT 1")
    assert json.loads(scope)["instructions"].startswith("All of them.")
    assert customer.work(project_id, (0, 4), (9, 12)) == 2
    body = customer.ask("GET", f"/task/{one['task_id']}")
    assert body["status"] == "completed"
    assert [entry["text"] for entry in body["response"]["annotations"]] == ["Alex", "Ada"]
    assert customer.ask("GET", f"/task/{two['task_id']}")["status"] == "completed"
    assert customer.ask("GET", "/batches/b/status") == {"status": "completed", "completed": 2}
    told = customer.callbacks()
    assert ("task", one["task_id"], "completed") in told
    assert [kind for kind, _, _ in told].count("batch") == 1
    assert len(told) == 2, "nobody asked to be told of the other"


def test_a_fix_is_told_again_and_an_audit_alone_is_not(customer: Customer) -> None:
    project_id = customer.project()
    task = customer.text(callback_url="http://127.0.0.1:9/task")
    customer.work(project_id, (0, 4))
    assert len(customer.callbacks()) == 1
    path = f"/task/{task['task_id']}"
    assert (
        customer.ask("POST", f"{path}/audit", {"accepted": True, "comments": "good"})["status"] == "completed"
    )
    assert len(customer.callbacks()) == 1
    rejected = customer.ask("POST", f"{path}/audit", {"accepted": False, "comments": "Ada is missing"})
    assert (rejected["status"], rejected["customer_review_status"]) == ("pending", "rejected")
    other = customer.house.member("Rita", project_id=project_id)
    ontology = customer.house.read(lambda tx: customer.house.app.projects.get_ontology(tx, project_id))
    mark = Annotation(
        annotation_id="n", class_id=ontology.classes[0].class_id, geometry=Span(start=9, end=12)
    )
    assert customer.work_one(other, project_id, Labelling(annotations=[mark]))
    customer.house.run_jobs()
    again = customer.ask("GET", path)
    assert (again["status"], again["customer_review_status"]) == ("completed", "pending")
    assert [entry["text"] for entry in again["response"]["annotations"]] == ["Ada"]
    assert len(customer.callbacks()) == 2


def test_what_is_canceled_in_goldsmith_is_told_and_what_the_customer_cancels_is_not(
    customer: Customer,
) -> None:
    customer.project()
    own, others = (customer.text(callback_url="http://127.0.0.1:9/task")["task_id"] for _ in range(2))
    customer.ask("POST", f"/task/{own}/cancel")
    task_id = customer.read("SELECT task_id FROM scale_tasks WHERE scale_id = :id", id=others)
    customer.house.write(lambda tx: customer.house.app.labeling.cancel_tasks(tx, [task_id]))
    assert customer.callbacks() == [("task", others, "canceled")]
    assert {customer.ask("GET", f"/task/{one}")["status"] for one in (own, others)} == {"canceled"}


def test_one_of_many_at_once_gets_a_unique_id(customer: Customer) -> None:
    customer.project()
    body = {"project": "texts", "text": TEXT, "labels": [{"name": "person"}], "unique_id": "u"}
    answers = _at_once(customer, [body] * 6)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert {answer.json().get("error") for answer in answers if answer.status_code == 409} == {
        "Task with that unique_id already exists."
    }
    made = customer.tester.post("/v1/projects", json={"name": "texts", "type": "namedentityrecognition"})
    assert made.status_code == 200
    assert customer.tester.post("/v1/task/namedentityrecognition", json=body).status_code == 200


def test_tasks_that_widen_the_ontology_at_once_all_get_in(customer: Customer) -> None:
    project_id = customer.project()
    bodies = [{"project": "texts", "text": TEXT, "labels": [label(f"label {number}")]} for number in range(5)]
    assert {answer.status_code for answer in _at_once(customer, bodies)} == {200}
    projects = customer.house.app.projects
    setup = customer.house.read(lambda tx: projects.get_setup(tx, project_id))
    assert {entry.name for entry in setup.ontology.classes} == {f"label {number}" for number in range(5)}
    customer.text(labels=("label 1",))
    again = customer.house.read(lambda tx: projects.get_setup(tx, project_id))
    assert again.project.ontology_version == setup.project.ontology_version


def _at_once(customer: Customer, bodies: list[dict[str, Any]]) -> list[httpx.Response]:
    browser = customer.browser

    async def run() -> list[httpx.Response]:
        posts = [browser._client.post("/v1/task/namedentityrecognition", json=body) for body in bodies]
        return list(await asyncio.gather(*posts))

    return list(browser._loop.run(run()))


def test_files_that_cannot_be_had_make_an_error_that_is_told(customer: Customer) -> None:
    customer.project("pictures", "imageannotation")
    body = {
        "project": "pictures",
        "attachment": "http://127.0.0.1:9/none.jpg",
        "geometries": GEOMETRIES,
        "callback_url": "http://127.0.0.1:9/task",
    }
    task = customer.ask("POST", "/task/imageannotation", body)
    assert task["status"] == "pending"
    for _ in range(6):
        customer.house.run_jobs()
        customer.house.clock.advance(60_000)
    failed = customer.ask("GET", f"/task/{task['task_id']}")
    assert failed["status"] == "error" and "could not be fetched" in failed["error"]
    assert ("task", task["task_id"], "error") in customer.callbacks()
    assert customer.read("SELECT COUNT(*) AS n FROM tasks") == 0


def test_known_answers_become_gold_and_lessons(customer: Customer) -> None:
    project_id = customer.project()
    labels = [{"name": "person", "description": "person"}]
    answer = {"annotations": [{"id": "1", "start": 0, "end": 4, "text": "Alex", "label": "person"}]}
    flawed = {"annotations": [{"id": "1", "start": 0, "end": 3, "text": "Ale", "label": "person"}]}
    body = {"project": "texts", "text": TEXT, "labels": labels, "expected_response": answer}
    customer.ask("POST", "/evaluation_tasks/namedentityrecognition", {**body, "initial_response": flawed})
    customer.ask("POST", "/training_tasks/namedentityrecognition", body)
    gold = customer.house.read(lambda tx: customer.house.app.quality.list_gold(tx, project_id))
    assert sorted(entry.is_retired for entry in gold) == [False, True]
    course = customer.house.read(lambda tx: customer.house.app.quality.get_course(tx, project_id))
    assert [lesson.task_id for lesson in course.lessons] == [
        entry.task_id for entry in gold if entry.is_retired
    ]
    begun = customer.read("SELECT labelling FROM submissions WHERE kind = 'prediction'")
    [mark] = Labelling.model_validate_json(begun).annotations
    assert mark.geometry == Span(start=0, end=3)
    assert customer.ask("GET", "/tasks")["total"] == 0
    workflow = customer.house.read(lambda tx: customer.house.app.projects.get_workflow(tx, project_id))
    assert workflow.gold_rate == 0.05


def test_the_order_of_batches_goes_before_that_of_tasks(customer: Customer) -> None:
    customer.project()
    for name in ("one", "two"):
        customer.ask("POST", "/batches", {"name": name, "project": "texts"})
    customer.text(batch="one", priority=30)
    customer.text(batch="one")
    customer.text(batch="two")
    order = {"batches": [{"name": "two"}, {"name": "one"}]}
    assert [batch["name"] for batch in customer.ask("POST", "/studio/batches/set_priorities", order)] == [
        "two",
        "one",
    ]
    rows = customer.house.read(
        lambda tx: [row["priority"] for row in tx.all(Sql("SELECT priority FROM tasks ORDER BY task_id"))]
    )
    assert rows == [1030, 1000, 2000]


def test_test_mode_touches_no_real_data(customer: Customer) -> None:
    def ask(method: str, path: str, body: Any = None) -> Any:
        answer = customer.tester.request(method, f"/v1{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    ask("POST", "/projects", {"name": "texts", "type": "namedentityrecognition"})
    ask("POST", "/batches", {"name": "b", "project": "texts", "callback": "http://127.0.0.1:9/batch"})
    body = {
        "batch": "b",
        "text": TEXT,
        "labels": [{"name": "person"}],
        "callback_url": "http://127.0.0.1:9/task",
    }
    task = ask("POST", "/task/namedentityrecognition", body)
    assert task["status"] == "completed" and task["response"]["annotations"]
    ask("POST", "/batches/b/finalize")
    ask("POST", "/teams/invite", {"emails": ["a@example.org"], "team_role": "labeler"})
    for table in ("projects", "batches", "items", "tasks", "one_time_links"):
        assert customer.read(f"SELECT COUNT(*) AS n FROM {table}") == 0, table
    assert [(kind, event) for kind, _, event in customer.callbacks()] == [
        ("task", "completed"),
        ("batch", "completed"),
    ]
    assert customer.ask("GET", "/tasks")["docs"] == []
    assert customer.ask("GET", "/projects") == []


def test_a_page_of_tasks_takes_few_statements(customer: Customer) -> None:
    project_id = customer.project()
    for number in range(6):
        customer.text(tags=[f"t{number}"])
    customer.work(project_id, (0, 4))
    opened = open_machine(customer.house.app.machine.settings, clock=customer.house.clock)
    counting = CountingDatabase(opened.database)
    app = goldsmith.app.wire(dataclasses.replace(opened, database=counting))
    application = app.application(runs_jobs=False)
    loop = Loop()
    browser = Browser(loop, application)
    browser.headers["Authorization"] = customer.browser.headers["Authorization"]

    def count(limit: int) -> int:
        before = counting.statements
        answer = browser.get("/v1/tasks", params={"project": "texts", "limit": str(limit)}).json()
        assert len(answer["docs"]) == limit and all("response" in doc for doc in answer["docs"])
        return counting.statements - before

    try:
        assert count(1) == count(6) <= 8
    finally:
        loop.close()
        app.close()
