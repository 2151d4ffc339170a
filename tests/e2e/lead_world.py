"""A project that two people have labelled, through the API, with the things that they see differently."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Final

from goldsmith.core.geometry import Box
from goldsmith.demo.world import World
from tests.e2e.person import Person

COLORS: Final = {
    "car": "#3b82f6",
    "pedestrian": "#a855f7",
    "cyclist": "#f59e0b",
    "traffic_light": "#ef4444",
    "road_sign": "#84cc16",
}
CLASSES: Final = tuple(COLORS)


def ontology() -> dict[str, Any]:
    """Classes with a colour to be chosen, and a question about the whole picture."""
    colour = {
        "attribute_id": "colour",
        "name": "Colour",
        "kind": "choice",
        "options": [{"option_id": key, "name": key.title()} for key in ("red", "blue")],
    }
    weather = {
        "attribute_id": "weather",
        "name": "Weather",
        "kind": "choice",
        "options": [{"option_id": key, "name": key.title()} for key in ("sun", "rain")],
    }
    return {
        "classes": [
            {
                "class_id": key,
                "name": key.replace("_", " ").capitalize(),
                "color": COLORS[key],
                "geometry_kinds": ["box", "polygon"],
                "attributes": [colour] if key == "car" else [],
            }
            for key in CLASSES
        ],
        "questions": [weather],
    }


class Street:
    """The pictures, what is on them, and who labels them.

    Args:
        owner: Makes the project.
        folder: For the pictures.
        count: Of pictures.
    """

    def __init__(self, owner: Person, folder: Path, *, name: str, count: int = 6, seed: int = 5) -> None:
        self.owner = owner
        body = {"name": name, "ontology": ontology(), "workflow": {"overlap": 2}}
        self.project_id: str = owner.ask("POST", "/workspaces/{w}/projects", body)["project_id"]
        pictures = list(World(seed).generate(count))
        self.truth = {picture.name: picture.labelling for picture in pictures}
        paths = []
        for picture in pictures:
            paths.append(folder / picture.name)
            paths[-1].write_bytes(picture.image_bytes)
        owner.import_pictures(self.project_id, paths)

    def label(self, person: Person, *, seed: int, miss: float = 0.0, shake_px: float = 1.0) -> int:
        """Let somebody label everything through the API, the careless way; returns how many pictures."""
        rng = random.Random(seed)
        for number in range(1000):
            task = person.ask("POST", f"/projects/{self.project_id}/tasks/next", {"stage": "label"})
            if task is None:
                return number
            lease = task["lease"]
            body = {
                "token": lease["token"],
                "request_key": lease["judgement_id"],
                "labelling": self._seen(task["item"]["name"], rng, miss, shake_px),
                "active_ms": 20_000,
                "ontology_version": task["ontology_version"],
                "instructions_version": task["instructions_version"],
            }
            person.ask("POST", f"/leases/{lease['judgement_id']}/submit", body)
        return 1000

    def _seen(self, name: str, rng: random.Random, miss: float, shake_px: float) -> dict[str, Any]:
        annotations = []
        for number, annotation in enumerate(self.truth[name].annotations):
            if rng.random() < miss or annotation.class_id not in CLASSES:
                continue
            assert isinstance(annotation.geometry, Box)
            left, top, right, bottom = annotation.geometry.box_xyxy
            # inwards, so that nothing leaves the picture
            x0, x1 = _within(left, right, rng, shake_px)
            y0, y1 = _within(top, bottom, rng, shake_px)
            annotations.append(
                {
                    "annotation_id": f"a{number}",
                    "class_id": annotation.class_id,
                    "geometry": {"kind": "box", "box_xyxy": [x0, y0, x1, y1]},
                    "attributes": {"colour": rng.choice(["red", "blue"])}
                    if annotation.class_id == "car"
                    else {},
                }
            )
        return {"annotations": annotations, "answers": {}}


def _within(low: float, high: float, rng: random.Random, by_px: float) -> tuple[float, float]:
    most = min(by_px, (high - low) / 4)
    return low + rng.uniform(0, most), high - rng.uniform(0, most)
