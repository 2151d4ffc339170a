"""A project whose newcomers pass a course first: known answers, lessons, an exam, and the work behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tests.e2e.bench import Bench, Drawn
from tests.e2e.crowd_world import Crowd
from tests.e2e.lead_world import CLASSES
from tests.e2e.person import Person

KEY_OF: Final = {class_id: str(number) for number, class_id in enumerate(CLASSES, start=1)}
TEXTS: Final = (
    "A box ends where the car ends.\nMirrors belong to it.",
    "Who rides a bicycle is a cyclist, not a pedestrian.",
)


class School:
    """The course, made of what a colleague labelled and the owner accepted.

    Args:
        owner: Makes the project and reviews.
        teacher: Labels the known answers; a manager.
        folder: For the pictures.
        lessons: How many; the first known answers.
        exam: How many tasks exams are drawn from; the known answers after them.
        work: How many pictures nobody has labelled.
    """

    def __init__(
        self, owner: Person, teacher: Person, folder: Path, *, name: str, lessons: int, exam: int, work: int
    ) -> None:
        self.owner = owner
        known = lessons + exam
        crowd = Crowd(owner, folder, name=name, count=known + work, overlap=1, review="all", seed=36)
        self.project_id = crowd.project_id
        assert crowd.label(teacher, seed=0, most=known) == known
        owner.wait_for_jobs()
        names = [crowd.review(verdict="accept") for _ in range(known)]
        assert None not in names
        owner.wait_for_jobs()
        rows = owner.ask("GET", f"/projects/{self.project_id}/tasks?limit=100")["items"]
        self.task_ids = {row["name"]: row["task_id"] for row in rows}
        ordered = [str(name) for name in names]
        self.lessons, self.exam = ordered[:lessons], ordered[lessons:]

    def require(self, **course: Any) -> None:
        """Let the policy ask for the course."""
        path = f"/projects/{self.project_id}/quality-policy"
        policy = self.owner.ask("GET", path)["policy"]
        policy["course"] |= {"is_required": True, **course}
        self.owner.ask("PUT", path, {"policy": policy, "note": "newcomers learn first"})

    def make_course(self) -> None:
        """Set the course through the API."""
        lessons = [
            {"task_id": self.task_ids[name], "text": text}
            for name, text in zip(self.lessons, TEXTS, strict=False)
        ]
        exam = [self.task_ids[name] for name in self.exam]
        self.owner.ask("PUT", f"/projects/{self.project_id}/course", {"lessons": lessons, "exam": exam})

    def known(self, item_name: str) -> list[dict[str, Any]]:
        """The objects of a known answer."""
        found = self.owner.ask("GET", f"/tasks/{self.task_ids[item_name]}")
        return list(found["consensus"]["labelling"]["annotations"])

    def answer_right(self, bench: Bench) -> None:
        """Draw everything that is known of the open task."""
        for annotation in self.known(bench.item()):
            bench.draw(drawn(annotation))


def drawn(annotation: dict[str, Any], *, class_id: str | None = None) -> Drawn:
    """A known object as a hand draws it, or as it would draw one of another class there."""
    x0, y0, x1, y1 = annotation["geometry"]["box_xyxy"]
    return Drawn(KEY_OF[class_id or annotation["class_id"]], (x0, y0, x1, y1))
