"""The course: lessons with feedback, exams, tries, and what they mean for work, through the API, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.accounts.api import Access
from goldsmith.core.annotations import Labelling
from goldsmith.projects.api import CoursePolicy, QualityPolicy
from tests.integration.quality.installation import Installation, box, labelling, picture

COURSE = CoursePolicy(is_required=True, exam_tasks=2, pass_share=0.5, tries=2)


class School:
    """A project whose course is required: two lessons, an exam of two out of four, and work behind it."""

    def __init__(self, made: Installation) -> None:
        self.made = made
        self.project_id = made.project(overlap=1)
        made.import_pictures(
            self.project_id, [picture(number) for number in range(6)], labels_as="gold", batch="known"
        )
        made.import_pictures(self.project_id, [picture(number) for number in range(6, 8)])
        self.tasks = made.tasks_of(self.project_id)
        self.names = {task_id: name for name, task_id in self.tasks.items()}
        known = [self.tasks[f"{number:03d}.png"] for number in range(6)]
        self.lessons, self.exam = known[:2], known[2:]
        self.ann = made.member("Ann", project_id=self.project_id)
        self.lead = made.member("Lea", "manager")
        made.write(
            lambda tx: made.app.projects.put_quality_policy(
                tx, made.owner, self.project_id, policy=QualityPolicy(course=COURSE)
            )
        )

    def put(self, **body: Any) -> Any:
        sent = {
            "lessons": [{"task_id": task_id, "text": f"Look at {task_id}."} for task_id in self.lessons],
            "exam": self.exam,
            **body,
        }
        return self.made.browser(self.lead).put(f"/api/v1/projects/{self.project_id}/course", json=sent)

    def next(self, who: Access | None = None) -> Any:
        return self.made.browser(who or self.ann).post(f"/api/v1/projects/{self.project_id}/course/next")

    def work(self) -> Any:
        return self.made.browser(self.ann).post(f"/api/v1/projects/{self.project_id}/tasks/next", json={})

    def submit(self, task: dict[str, Any], answer: Labelling) -> Any:
        lease = task["lease"]
        body = {
            "token": lease["token"],
            "request_key": lease["judgement_id"],
            "labelling": answer.model_dump(mode="json"),
            "active_ms": 1000,
            "ontology_version": task["ontology_version"],
            "instructions_version": task["instructions_version"],
        }
        return self.made.browser(self.ann).post(f"/api/v1/leases/{lease['judgement_id']}/submit", json=body)

    def feedback(self, task: dict[str, Any], who: Access | None = None) -> Any:
        url = f"/api/v1/course/{task['lease']['judgement_id']}/feedback"
        return self.made.browser(who or self.ann).post(url)

    def truth(self, task: dict[str, Any]) -> Labelling:
        return self.made.truth[self.names[task["task"]["task_id"]]].gold

    def take(self, answer: Any) -> dict[str, Any]:
        """Take the next task and answer it; returns the feedback."""
        task = self.next().json()
        assert self.submit(task, answer(task)).status_code == 200
        told: dict[str, Any] = self.feedback(task).json()
        return told

    def standing(self) -> Any:
        return self.made.browser(self.ann).get(f"/api/v1/projects/{self.project_id}/quality/me").json()


def nothing(_: dict[str, Any]) -> Labelling:
    return labelling()


@pytest.fixture
def school(installation: Installation) -> School:
    return School(installation)


def test_the_course_comes_before_the_first_task(school: School) -> None:
    assert school.work().status_code == 200  # while there is no course, nobody has to pass it
    assert school.next().status_code == 204
    assert school.put().status_code == 200
    refused = school.work()
    assert (refused.status_code, refused.json()["code"]) == (409, "course_required")
    assert school.standing()["course"] == {
        "state": "required",
        "tries_left": 2,
        "lessons_done": 0,
        "lessons": 2,
        "exam_right": 0,
        "exam_total": 2,
    }
    for number in (1, 2):
        task = school.next().json()
        assert task["course"] == {"kind": "lesson", "number": number, "of": 2}
        assert (task["lease"]["stage"], task["task"]["state"]) == ("label", "open")
        assert (task["prelabel"], task["review"], task["draft"]) == (None, None, None)
        assert school.feedback(task).status_code == 409  # nothing is told before the answer
        assert school.next().json()["lease"] == task["lease"]  # the same until it is answered
        assert school.submit(task, school.truth(task)).json()["task_state"] == "resolving"
        told = school.feedback(task).json()
        assert (told["wrong"], told["missed"], told["result"]) == (0, 0, None)
        assert told["right"] == len(told["known"]["annotations"]) == len(told["findings"])
        assert told["text"] == f"Look at {task['task']['task_id']}."
        assert school.feedback(task).json() == told
    assert school.work().status_code == 409
    for number, result in ((1, None), (2, "passed")):
        task = school.next().json()
        assert task["course"] == {"kind": "exam", "number": number, "of": 2}
        school.submit(task, school.truth(task))
        told = school.feedback(task).json()
        assert (told["known"], told["findings"], told["result"]) == (None, [], result)
    assert school.next().status_code == 204
    assert school.standing()["course"]["state"] == "passed"
    assert school.work().status_code == 200


def test_what_is_wrong_is_told_object_by_object(school: School) -> None:
    school.put()
    task = school.next().json()  # one car
    (car,) = school.truth(task).annotations
    left, top, right, bottom = car.geometry.bounds_xyxy()
    wrong = labelling(box("sign", left, top, right, bottom, name="w"), box("car", 0, 56, 8, 63, name="x"))
    school.submit(task, wrong)
    told = school.feedback(task).json()
    assert (told["right"], told["wrong"], told["missed"]) == (0, 2, 0)
    assert [finding["kind"] for finding in told["findings"]] == ["class", "extra"]
    assert told["findings"][0]["known_annotation_id"] == car.annotation_id
    assert told["findings"][0]["sentence"] == "This is Car, not Sign."
    missed = school.take(nothing)
    assert (missed["right"], missed["missed"]) == (0, len(missed["known"]["annotations"]))


def test_a_failed_exam_asks_others_and_the_last_try_ends_it(school: School) -> None:
    made = school.made
    school.put()
    for _ in range(2):
        school.take(school.truth)
    first = [school.next().json()["task"]["task_id"] for _ in range(1)]
    assert school.take(nothing)["result"] is None
    assert school.take(nothing)["result"] == "failed"
    assert school.standing()["course"]["tries_left"] == 1
    again = school.next().json()
    assert again["course"]["number"] == 1
    assert again["task"]["task_id"] not in first  # there are others to ask
    # the feedback of the last but one is never asked for; it is graded all the same
    school.submit(again, labelling())
    assert school.take(nothing)["result"] == "failed"
    assert school.next().status_code == 204
    own = school.standing()
    assert (own["course"]["state"], own["course"]["tries_left"]) == ("failed", 0)
    assert own["standing"]["state"] == "course"
    assert "no try left" in school.work().json()["detail"]

    body = {"member_id": school.ann.member_id, "kind": "requalify", "text": "Once more, please."}
    helped = made.browser(school.lead).post(
        f"/api/v1/projects/{school.project_id}/quality/consequences", json=body
    )
    assert helped.status_code == 201
    assert school.standing()["course"]["state"] == "required"
    results = [school.take(school.truth)["result"] for _ in range(4)]
    assert results == [None, None, None, "passed"]
    own = school.standing()
    assert (own["standing"]["state"], own["consequences"][0]["state"]) == ("active", "lifted")
    assert school.work().status_code == 200


def test_the_course_never_votes_and_gives_nothing_away(school: School) -> None:
    made = school.made
    school.put()
    task = school.next().json()
    task_id, lease = task["task"]["task_id"], task["lease"]
    ann = made.browser(school.ann)
    assert ann.get(f"/api/v1/tasks/{task_id}").status_code == 404
    skipped = ann.post(
        f"/api/v1/leases/{lease['judgement_id']}/skip", json={"token": 1, "reason": "cannot tell"}
    )
    assert skipped.status_code == 409
    url = f"/api/v1/leases/{lease['judgement_id']}"
    assert ann.post(f"{url}/release", json={"token": lease["token"]}).status_code == 204
    assert ann.post(f"{url}/renew", json={"token": lease["token"]}).status_code == 200
    draft = {"token": lease["token"], "body": {"a": 1}, "revision": 1}
    assert ann.put(f"{url}/draft", json=draft).status_code == 200
    again = school.next().json()
    assert (again["lease"]["judgement_id"], again["draft"]["body"]) == (lease["judgement_id"], {"a": 1})
    assert ann.get(f"/api/v1/projects/{school.project_id}/leases").json() == {"items": []}
    school.submit(again, labelling())
    assert school.submit(again, labelling()).status_code == 200  # the same again
    assert ann.get(f"/api/v1/tasks/{task_id}").status_code == 404
    assert made.read(lambda tx: made.app.labeling.gold_evidence(tx, school.project_id)) == []
    assert [row for rows in made.app.labeling.iter_counted(school.project_id) for row in rows] == []
    assert made.read(lambda tx: made.app.labeling.activity(tx, school.project_id)) == []
    other = made.member("Ben", project_id=school.project_id)
    assert school.feedback(task, other).status_code == 404


def test_a_course_is_made_of_known_answers(school: School) -> None:
    unknown = school.tasks["006.png"]
    refused = school.put(exam=[unknown, school.lessons[0], "tsk_none"])
    assert refused.status_code == 422
    assert [fault["where"] for fault in refused.json()["errors"]] == ["exam[0]", "exam[1]", "exam[2]"]
    assert school.put(lessons=[]).status_code == 200
    course = school.made.browser(school.lead).get(f"/api/v1/projects/{school.project_id}/course").json()
    assert course == {"lessons": [], "exam": school.exam}
    assert school.next().json()["course"]["kind"] == "exam"


def test_a_paused_member_takes_no_course(school: School) -> None:
    school.put()
    body = {"member_id": school.ann.member_id, "kind": "pause", "text": "Wait."}
    school.made.browser(school.lead).post(
        f"/api/v1/projects/{school.project_id}/quality/consequences", json=body
    )
    refused = school.next()
    assert (refused.status_code, refused.json()["code"]) == (409, "paused")
