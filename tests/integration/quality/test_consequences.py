"""What follows for people: raised, appealed, answered and lifted, through the API, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.accounts.api import Access
from goldsmith.core.errors import PausedError
from goldsmith.labeling.api import Stage, StandingState
from goldsmith.quality.types import ConsequenceEvidence, ConsequenceKind, Signal
from tests.integration.quality.installation import Installation, labelling, picture


class Floor:
    """A project with people who label it."""

    def __init__(self, made: Installation) -> None:
        self.made = made
        self.project_id = made.project(overlap=2)
        made.import_pictures(self.project_id, [picture(number) for number in range(6)])
        self.ann = made.member("Ann", project_id=self.project_id)
        self.lead = made.member("Lea", "manager")
        self.quality = f"/api/v1/projects/{self.project_id}/quality"

    def impose(self, kind: str, *, by: Access | None = None, **body: Any) -> Any:
        sent = {"member_id": self.ann.member_id, "kind": kind, "text": "You skipped half of it.", **body}
        return self.made.browser(by or self.lead).post(f"{self.quality}/consequences", json=sent)

    def say(self, who: Access, consequence_id: str, what: str, **body: str) -> Any:
        url = f"/api/v1/consequences/{consequence_id}/{what}"
        return self.made.browser(who).post(url, json={"text": "Because.", **body})

    def mine(self, who: Access | None = None) -> Any:
        return self.made.browser(who or self.ann).get(f"{self.quality}/me").json()

    def next(self, who: Access) -> Any:
        return self.made.browser(who).post(f"/api/v1/projects/{self.project_id}/tasks/next", json={})

    def raise_by_policy(self, kind: ConsequenceKind, signal: Signal = Signal.SPAM) -> str:
        def run(tx: Any) -> str:
            entry = self.made.app.quality._raise(
                tx,
                project_id=self.project_id,
                workspace_id=self.made.owner.workspace_id,
                member_id=self.ann.member_id,
                kind=kind,
                signal=signal,
                evidence=ConsequenceEvidence(sentence="The answers say nothing.", other_member_id="mem_x"),
            )
            return entry.consequence_id

        return str(self.made.write(run))


@pytest.fixture
def floor(installation: Installation) -> Floor:
    return Floor(installation)


def test_an_appeal_goes_its_way_to_the_end(floor: Floor) -> None:
    made = floor.made
    made.label(floor.project_id, floor.ann, lambda _: labelling(), most=2)
    consequence_id = floor.raise_by_policy(ConsequenceKind.PAUSE)
    refused = floor.next(floor.ann)
    assert (refused.status_code, refused.json()["code"]) == (409, "paused")
    assert "say nothing" in refused.json()["detail"]
    assert "appeal" in refused.json()["detail"]

    own = floor.mine()
    assert own["standing"]["state"] == "paused"
    (shown,) = own["consequences"]
    assert (shown["consequence_id"], shown["state"], shown["created_by"]) == (consequence_id, "active", None)
    assert shown["evidence"]["other_member_id"] is None  # nobody else is named to the member
    unread = made.browser(floor.ann).get(f"/api/v1/workspaces/{made.owner.workspace_id}/work/unread")
    assert unread.json()["unread"] == 1

    appealed = floor.say(floor.ann, consequence_id, "appeal", text="I had a bad day.")
    assert (appealed.status_code, appealed.json()["state"]) == (200, "appealed")
    assert floor.next(floor.ann).status_code == 409  # it stands until it is answered
    assert floor.say(floor.ann, consequence_id, "appeal").status_code == 409
    listed = made.browser(floor.lead).get(f"{floor.quality}/consequences", params={"state": "appealed"})
    assert [entry["appeal"]["text"] for entry in listed.json()["consequences"]] == ["I had a bad day."]

    granted = floor.say(floor.lead, consequence_id, "answer", verdict="granted", text="Fair enough.")
    assert (granted.json()["state"], granted.json()["appeal"]["answered_by"]) == ("lifted", "Lea")
    assert floor.next(floor.ann).status_code == 200
    (told,) = floor.mine()["consequences"]
    assert (told["appeal"]["answer"], told["appeal"]["answered_by"]) == ("Fair enough.", "a manager")
    assert [event["kind"] for event in told["history"]] == ["raised", "appealed", "granted"]
    report = made.app.accounts.verify_audit(made.owner.workspace_id)
    assert report.fault is None
    audit = made.browser().get(f"/api/v1/workspaces/{made.owner.workspace_id}/audit").json()["items"]
    actions = [row["action"] for row in audit if row["action"].startswith("consequence.")]
    assert sorted(actions) == ["consequence.appealed", "consequence.granted", "consequence.raised"]


def test_an_upheld_consequence_stands_until_it_is_lifted(floor: Floor) -> None:
    consequence_id = floor.impose("pause").json()["consequence_id"]
    floor.say(floor.ann, consequence_id, "appeal")
    upheld = floor.say(floor.lead, consequence_id, "answer", verdict="upheld")
    assert upheld.json()["state"] == "upheld"
    assert floor.next(floor.ann).status_code == 409
    assert floor.say(floor.ann, consequence_id, "appeal").status_code == 409
    assert floor.say(floor.lead, consequence_id, "lift").json()["state"] == "lifted"
    assert floor.say(floor.lead, consequence_id, "lift").status_code == 409
    assert floor.next(floor.ann).status_code == 200


def test_nobody_decides_in_their_own_matter(floor: Floor) -> None:
    made = floor.made
    second = made.member("Max", "manager", project_id=floor.project_id)
    consequence_id = floor.impose("pause", member_id=second.member_id).json()["consequence_id"]
    floor.say(second, consequence_id, "appeal")
    assert floor.say(second, consequence_id, "answer", verdict="granted").status_code == 403
    assert floor.say(second, consequence_id, "lift").status_code == 403
    assert floor.impose("tell", by=second, member_id=second.member_id).status_code == 422
    assert floor.say(floor.ann, consequence_id, "appeal").status_code == 404  # it is not Ann's
    assert floor.say(floor.lead, consequence_id, "answer", verdict="granted").status_code == 200


def test_more_gold_and_its_end(floor: Floor) -> None:
    consequence_id = floor.impose("more_gold").json()["consequence_id"]

    def rate() -> float | None:
        found = floor.made.read(
            lambda tx: floor.made.app.labeling.standing_of(
                tx, project_id=floor.project_id, member_id=floor.ann.member_id
            )
        )
        assert found.state is StandingState.ACTIVE
        return found.gold_rate

    assert rate() == 0.25
    floor.say(floor.lead, consequence_id, "lift")
    assert rate() is None


def test_what_holds_together_is_lifted_one_by_one(floor: Floor) -> None:
    first, second = (floor.impose(kind).json()["consequence_id"] for kind in ("pause", "pause"))
    floor.say(floor.lead, first, "lift")
    with pytest.raises(PausedError):
        floor.made.write(
            lambda tx: floor.made.app.labeling.next_task(
                tx, floor.ann, project_id=floor.project_id, stage=Stage.LABEL
            )
        )
    floor.say(floor.lead, second, "lift")
    assert floor.next(floor.ann).status_code == 200


def test_who_may_be_concerned(floor: Floor) -> None:
    stranger = floor.made.member("Sue")
    assert floor.impose("tell", member_id=stranger.member_id).status_code == 422
    assert floor.impose("tell", member_id="mem_nobody").status_code == 422
    assert floor.impose("requalify").status_code == 422  # there is no course
    assert floor.impose("tell", by=floor.ann).status_code == 403


def test_a_manager_who_labels_without_being_added_may_be_paused(floor: Floor) -> None:
    second = floor.made.member("Max", "manager")
    assert floor.impose("pause", member_id=second.member_id).status_code == 422
    floor.made.label(floor.project_id, second, lambda name: floor.made.truth[name].gold, most=1)
    assert floor.impose("pause", member_id=second.member_id).status_code == 201
    assert floor.next(second).json()["code"] == "paused"


def test_the_own_page_before_anything_was_done(floor: Floor) -> None:
    own = floor.mine()
    assert own == {
        "skill": None,
        "series": [],
        "submissions": 0,
        "active_ms": 0,
        "skips": 0,
        "median_ms": None,
        "project_median_ms": None,
        "standing": {"state": "active", "reason": "", "tier": 0},
        "consequences": [],
        "course": {
            "state": "none",
            "tries_left": 0,
            "lessons_done": 0,
            "lessons": 0,
            "exam_right": 0,
            "exam_total": 0,
        },
    }
