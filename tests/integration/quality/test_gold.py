"""Gold upkeep: made of reviewed tasks, retired, doubted and settled, through the API, on both databases."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from goldsmith.core.annotations import Labelling
from goldsmith.labeling.api import MemberStanding, Stage
from goldsmith.labeling.types import ReviewBody, Verdict
from goldsmith.projects.api import QualityPolicy
from tests.integration.quality.installation import Installation, box, labelling, picture, shaken

WRONG = labelling(box("sign", 0, 0, 12, 12, name="wrong"), box("sign", 70, 50, 90, 62, name="wrong"))


class Vault:
    """A project with gold of which one known answer is wrong, and five careful people who met all of it."""

    def __init__(self, made: Installation) -> None:
        self.made = made
        self.project_id = made.project(overlap=2)
        good = [picture(number) for number in range(7)]
        odd = dataclasses.replace(picture(7), gold=WRONG)
        made.import_pictures(self.project_id, [*good, odd], labels_as="gold")
        made.import_pictures(self.project_id, [picture(number) for number in range(8, 10)])
        self.tasks = made.tasks_of(self.project_id)
        self.crew = [made.member(f"P{n}", project_id=self.project_id) for n in range(5)]
        for number, access in enumerate(self.crew):
            self.only_gold(access.member_id)
            made.label(self.project_id, access, lambda name, n=number: self.careful(name, n), most=8)

    @staticmethod
    def careful(name: str, seed: int) -> Labelling:
        return shaken(picture(int(name[:3])).gold, seed=100 * seed + int(name[:3]))

    def only_gold(self, member_id: str) -> None:
        standing = MemberStanding(gold_rate=1.0)
        self.made.write(
            lambda tx: self.made.app.labeling.change_standing(
                tx, project_id=self.project_id, member_id=member_id, standing=standing
            )
        )

    def look(self) -> dict[str, Any]:
        """Run the job; returns the gold by name."""
        url = f"/api/v1/projects/{self.project_id}/quality/signals"
        self.made.finish(self.made.browser().post(url).json()["job_id"])
        return self.gold()

    def gold(self) -> dict[str, Any]:
        found = self.made.browser().get(f"/api/v1/projects/{self.project_id}/gold").json()["gold"]
        return {entry["item_name"]: entry for entry in found}

    def keep(self, name: str, what: str) -> Any:
        url = f"/api/v1/projects/{self.project_id}/gold/{self.tasks[name]}/{what}"
        return self.made.browser().post(url)

    def evidence_of(self, access: Any) -> Any:
        url = f"/api/v1/projects/{self.project_id}/quality/me"
        return self.made.browser(access).get(url).json()


@pytest.fixture
def vault(installation: Installation) -> Vault:
    return Vault(installation)


def test_gold_that_careful_people_fail_is_doubtful_and_counts_against_nobody(vault: Vault) -> None:
    gold = vault.look()
    assert next(iter(gold)) == "007.png"  # what needs a look comes first
    odd, usual = gold["007.png"], gold["001.png"]
    assert (odd["is_doubtful"], odd["is_leaked"], usual["is_doubtful"]) == (True, False, False)
    assert "may be wrong" in odd["doubt"]
    assert (odd["uses"], odd["right"], odd["by_skilled"]["right"]) == (5, 0, 0)
    assert usual["right"] == usual["total"] == 5 * len(picture(1).gold.annotations)
    own = vault.evidence_of(vault.crew[0])
    (day,) = own["series"]
    assert day["gold_right"] == day["gold_total"] == sum(len(picture(n).gold.annotations) for n in range(7))
    assert own["consequences"] == []

    settled = vault.keep("007.png", "restore").json()  # looked at: it stands
    assert settled["is_doubtful"] is False
    assert vault.look()["007.png"]["is_doubtful"] is False  # no new answers, no new doubt
    (day,) = vault.evidence_of(vault.crew[0])["series"]
    assert day["gold_total"] > day["gold_right"]


def test_retired_gold_is_not_handed_out_and_stays_known(vault: Vault) -> None:
    made = vault.made
    for number in range(8):
        assert vault.keep(f"{number:03d}.png", "retire").json()["is_retired"] is True
    assert vault.keep("000.png", "retire").status_code == 200
    new = made.member("New", project_id=vault.project_id)
    vault.only_gold(new.member_id)
    handed = [
        made.write(lambda tx: made.app.labeling.next_task(tx, new, project_id=vault.project_id)).task_id
        for _ in range(2)
    ]
    assert set(handed) == {vault.tasks["008.png"], vault.tasks["009.png"]}
    assert vault.keep("003.png", "restore").json()["is_retired"] is False
    third = made.write(lambda tx: made.app.labeling.next_task(tx, new, project_id=vault.project_id))
    assert third.task_id == vault.tasks["003.png"]
    labels = [label for batch in made.app.quality.iter_labels(vault.project_id) for label in batch]
    assert sum(label.label_kind == "gold" for label in labels) == 8
    assert vault.keep("008.png", "retire").status_code == 404


def test_worn_out_gold_is_retired_by_the_policy(vault: Vault) -> None:
    made = vault.made
    policy = QualityPolicy(retire_gold_after=5)
    made.write(
        lambda tx: made.app.projects.put_quality_policy(tx, made.owner, vault.project_id, policy=policy)
    )
    assert {entry["is_retired"] for entry in vault.look().values()} == {True}
    page = made.browser().get(f"/api/v1/tasks/{vault.tasks['000.png']}").json()
    assert page["events"][-1]["kind"] == "gold_retired"
    assert page["events"][-1]["detail"] == {"why": "used often enough"}


def test_reviewed_tasks_become_gold(installation: Installation) -> None:
    made = installation
    project_id = made.project(overlap=1, review={"mode": "all"})
    made.import_pictures(project_id, [picture(number) for number in range(2)])
    tasks = made.tasks_of(project_id)
    ann = made.member("Ann", project_id=project_id)
    rex = made.member("Rex", "reviewer", project_id=project_id)
    made.label(project_id, ann, lambda name: picture(int(name[:3])).gold)
    made.run_jobs()
    lease = made.write(
        lambda tx: made.app.labeling.next_task(tx, rex, project_id=project_id, stage=Stage.REVIEW)
    )
    body = ReviewBody(token=lease.token, request_key="r", verdict=Verdict.ACCEPT)
    made.write(lambda tx: made.app.labeling.review(tx, rex, judgement_id=lease.judgement_id, body=body))
    (other,) = set(tasks.values()) - {lease.task_id}
    sent = {"task_ids": [lease.task_id, other]}
    url = f"/api/v1/projects/{project_id}/gold"
    answer = made.browser().post(url, json=sent)
    assert answer.json() == {"made": [lease.task_id], "left": [other]}
    assert made.browser().post(url, json=sent).json()["made"] == []  # it is gold already
    assert made.browser(rex).post(url, json=sent).status_code == 403
    assert [entry["task_id"] for entry in made.browser(rex).get(url).json()["gold"]] == [lease.task_id]
    new = made.member("New", project_id=project_id)
    standing = MemberStanding(gold_rate=1.0)
    made.write(
        lambda tx: made.app.labeling.change_standing(
            tx, project_id=project_id, member_id=new.member_id, standing=standing
        )
    )
    asked = made.write(lambda tx: made.app.labeling.next_task(tx, new, project_id=project_id))
    assert asked.task_id == lease.task_id


def test_who_fails_gold_is_told_and_not_which_tasks_are_gold(vault: Vault) -> None:
    made = vault.made
    weak = made.member("Wim", project_id=vault.project_id)
    vault.only_gold(weak.member_id)
    made.label(vault.project_id, weak, lambda _: labelling(), most=8)
    vault.look()
    url = f"/api/v1/projects/{vault.project_id}/quality/consequences"
    params = {"member_id": weak.member_id}
    listed = made.browser().get(url, params=params).json()["consequences"]
    (entry,) = [found for found in listed if found["signal"] == "gold"]
    assert (entry["kind"], entry["state"]) == ("tell", "active")
    assert vault.tasks["007.png"] not in entry["evidence"]["task_ids"]  # doubtful: it counts for nobody
    assert len(entry["evidence"]["task_ids"]) == 7
    own = vault.evidence_of(weak)["consequences"]
    (told,) = [found for found in own if found["signal"] == "gold"]
    assert told["evidence"]["task_ids"] == []
    assert told["evidence"]["sentence"] == entry["evidence"]["sentence"]
