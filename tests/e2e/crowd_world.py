"""A project that a small crowd has labelled, through the API: people of mixed care, and one who marks anything."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Final

from goldsmith.core.geometry import Box
from goldsmith.demo.world import World
from tests.e2e.lead_world import CLASSES, ontology
from tests.e2e.person import Person

SPAMMER: Final = "Sly"
_SIZE: Final = (40.0, 90.0)


class Crowd:
    """The pictures, what is on them, and who labels them how.

    Args:
        owner: Makes the project and reviews.
        folder: For the pictures.
        count: Of pictures.
        overlap: Opinions for each.
        review: Which tasks a reviewer is asked about.
    """

    def __init__(
        self,
        owner: Person,
        folder: Path,
        *,
        name: str,
        count: int,
        overlap: int,
        review: str = "none",
        seed: int = 9,
    ) -> None:
        self.owner = owner
        body = {
            "name": name,
            "ontology": ontology(),
            "workflow": {"overlap": overlap, "review": {"mode": review}},
        }
        self.project_id: str = owner.ask("POST", "/workspaces/{w}/projects", body)["project_id"]
        pictures = list(World(seed).generate(count))
        self.truth = {picture.name: picture.labelling for picture in pictures}
        paths = []
        for picture in pictures:
            paths.append(folder / picture.name)
            paths[-1].write_bytes(picture.image_bytes)
        owner.import_pictures(self.project_id, paths)

    def label(self, person: Person, *, seed: int, most: int = 1000, active_ms: int = 20_000) -> int:
        """Let somebody label what comes, up to ``most`` pictures; returns how many there were."""
        rng = random.Random(seed)
        for number in range(most):
            task = person.ask("POST", f"/projects/{self.project_id}/tasks/next", {"stage": "label"})
            if task is None:
                return number
            annotations = (
                self._invented(task["item"], rng)
                if person.name == SPAMMER
                else self._seen(task["item"]["name"], rng, miss=0.04 * seed, shake_px=1.0 + seed)
            )
            lease = task["lease"]
            body = {
                "token": lease["token"],
                "request_key": lease["judgement_id"],
                "labelling": {"annotations": annotations, "answers": {}},
                "active_ms": active_ms,
                "ontology_version": task["ontology_version"],
                "instructions_version": task["instructions_version"],
            }
            person.ask("POST", f"/leases/{lease['judgement_id']}/submit", body)
        return most

    def review(self, *, verdict: str, drop: int = 0) -> str | None:
        """Let the owner review the task that comes next; a fix leaves ``drop`` objects out.

        Returns:
            The item's name; None when nothing is to be reviewed.
        """
        task = self.owner.ask("POST", f"/projects/{self.project_id}/tasks/next", {"stage": "review"})
        if task is None:
            return None
        lease = task["lease"]
        body: dict[str, Any] = {
            "token": lease["token"],
            "request_key": lease["judgement_id"],
            "verdict": verdict,
            "reasons": [],
            "comments": [],
        }
        if verdict == "fix":
            consensus = task["review"]["consensus"]
            kept = [a | {"score": None, "origin": None} for a in consensus["annotations"]][drop:]
            body["labelling"] = {"annotations": kept, "answers": consensus["answers"]}
        self.owner.ask("POST", f"/leases/{lease['judgement_id']}/review", body)
        name: str = task["item"]["name"]
        return name

    def _seen(self, name: str, rng: random.Random, *, miss: float, shake_px: float) -> list[dict[str, Any]]:
        annotations = []
        for number, annotation in enumerate(self.truth[name].annotations):
            if annotation.class_id not in CLASSES or rng.random() < miss:
                continue
            assert isinstance(annotation.geometry, Box)
            left, top, right, bottom = annotation.geometry.box_xyxy
            # inwards, so that nothing leaves the picture
            by_x, by_y = (min(shake_px, (high - low) / 5) for low, high in ((left, right), (top, bottom)))
            box = (
                left + rng.uniform(0, by_x),
                top + rng.uniform(0, by_y),
                right - rng.uniform(0, by_x),
                bottom - rng.uniform(0, by_y),
            )
            annotations.append(_object(number, annotation.class_id, box))
        return annotations

    def _invented(self, item: dict[str, Any], rng: random.Random) -> list[dict[str, Any]]:
        annotations = []
        for number in range(rng.randint(2, 5)):
            width, height = rng.uniform(*_SIZE), rng.uniform(*_SIZE)
            x, y = rng.uniform(0, item["width"] - width), rng.uniform(0, item["height"] - height)
            annotations.append(_object(number, rng.choice(CLASSES), (x, y, x + width, y + height)))
        return annotations


def _object(number: int, class_id: str, box: tuple[float, float, float, float]) -> dict[str, Any]:
    return {
        "annotation_id": f"a{number}",
        "class_id": class_id,
        "geometry": {"kind": "box", "box_xyxy": list(box)},
        "attributes": {"colour": "red"} if class_id == "car" else {},
    }
