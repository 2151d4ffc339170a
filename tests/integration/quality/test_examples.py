"""Examples of the instructions: made of real items, frozen, and seen by whoever works by them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tests.integration.quality.installation import HEIGHT, WIDTH, Installation, box, labelling, picture


class Guide:
    """A project of two pictures, of which examples are made."""

    def __init__(self, house: Installation) -> None:
        self.house = house
        self.project_id = house.project()
        self.items = house.import_pictures(self.project_id, [picture(0), picture(1)])
        self.lead = house.browser()
        self.path = f"/api/v1/projects/{self.project_id}"

    def wish(self, **other: Any) -> dict[str, Any]:
        labels = labelling(box("car", 4, 4, 20, 20)).model_dump(mode="json")
        return {
            "item_id": self.items["000.png"],
            "verdict": "bad",
            "why": "The box has **air** around the car.",
            "crop": [2, 2, 40, 30],
            "labelling": labels,
            "ontology_version": 1,
            **other,
        }

    def make(self, **other: Any) -> dict[str, Any]:
        answer = self.lead.post(f"{self.path}/examples", json=self.wish(**other))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def publish(self, examples: list[str] | None, *, text: str = "Draw tightly.", status: int = 200) -> Any:
        body = {"instructions": text, "examples": examples}
        answer = self.lead.put(f"{self.path}/instructions", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


def test_examples_stand_with_a_version(installation: Installation) -> None:
    guide = Guide(installation)
    first, second = guide.make(), guide.make(verdict="good", why="Tight.")
    assert guide.publish([second["example_id"], first["example_id"]]) == {"version": 2}
    annotator = installation.browser(installation.member("ann", project_id=guide.project_id))
    shown = annotator.get(f"{guide.path}/examples").json()["items"]
    assert [(entry["verdict"], entry["why"]) for entry in shown] == [
        ("good", "Tight."),
        ("bad", "The box has **air** around the car."),
    ]
    assert shown[1]["labelling"]["annotations"][0]["geometry"]["box_xyxy"] == [4, 4, 20, 20]
    answer = annotator.get(shown[0]["picture"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.content)).size == (38, 28)
    again = annotator.get(shown[0]["picture"], headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert guide.publish(None, text="Draw more tightly.") == {"version": 3}
    assert guide.lead.get(f"{guide.path}/instructions").json()["examples"] == [
        second["example_id"],
        first["example_id"],
    ]
    assert guide.publish([first["example_id"]], text="Draw more tightly.") == {"version": 4}
    assert guide.publish([first["example_id"]], text="Draw more tightly.") == {"version": 4}
    old = annotator.get(f"{guide.path}/examples", params={"version": 2}).json()["items"]
    assert len(old) == 2
    assert annotator.get(f"{guide.path}/examples", params={"version": 9}).status_code == 404


def test_what_is_not_published_is_seen_by_reviewers_alone(small: Installation) -> None:
    guide = Guide(small)
    made = guide.make()
    annotator = small.browser(small.member("ann", project_id=guide.project_id))
    assert annotator.get(made["picture"]).status_code == 404
    assert annotator.get(f"{guide.path}/examples/made").status_code == 403
    assert annotator.post(f"{guide.path}/examples", json=guide.wish()).status_code == 403
    assert guide.lead.get(made["picture"]).status_code == 200
    assert len(guide.lead.get(f"{guide.path}/examples/made").json()["items"]) == 1
    guide.publish([made["example_id"]])
    assert annotator.get(made["picture"]).status_code == 200
    elsewhere = small.project("Other")
    other = f"/api/v1/projects/{elsewhere}/examples/{made['example_id']}/picture"
    assert guide.lead.get(other).status_code == 404


def test_nothing_is_shown_of_a_deleted_item(small: Installation) -> None:
    guide = Guide(small)
    made = guide.make()
    guide.publish([made["example_id"]])
    assert guide.lead.delete(f"/api/v1/items/{made['item_id']}").status_code == 204
    assert guide.lead.get(f"{guide.path}/examples").json()["items"] == []
    assert guide.lead.get(made["picture"]).status_code == 410
    assert guide.lead.post(f"{guide.path}/examples", json=guide.wish()).status_code == 410


def test_what_does_not_hold_is_refused(small: Installation) -> None:
    guide = Guide(small)
    for wrong, status in (
        ({"crop": [0, 0, WIDTH + 1, HEIGHT]}, 422),
        ({"crop": [10, 10, 12, 40]}, 422),
        ({"crop": [-1, 0, 20, 20]}, 422),
        ({"why": ""}, 422),
        ({"verdict": "ugly"}, 422),
        ({"labelling": labelling(box("bus", 4, 4, 9, 9)).model_dump(mode="json")}, 422),
        ({"ontology_version": 7}, 404),
        ({"item_id": "itm_other"}, 404),
    ):
        assert guide.lead.post(f"{guide.path}/examples", json=guide.wish(**wrong)).status_code == status, (
            wrong
        )
    made = guide.make()
    guide.publish([made["example_id"]] * 2, status=422)
    guide.publish(["exm_other"], status=422)
