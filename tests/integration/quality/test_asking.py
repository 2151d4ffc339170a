"""Asking more: as many judgements as the target needs, of the right people, within the budget."""

from __future__ import annotations

from typing import Any

import numpy as np

from goldsmith.accounts.api import Access
from goldsmith.core.annotations import Labelling
from goldsmith.labeling.types import Stage
from goldsmith.platform.database import Sql
from goldsmith.projects.api import QualityPolicy
from tests.integration.quality.installation import Installation, labelling, picture, shaken

ADAPTIVE = QualityPolicy(asking="adaptive", target=0.95, reserve_s=3600)
_JUDGED = Sql(
    "SELECT i.name, count(*) AS number, count(DISTINCT j.member_id) AS people FROM judgements j "
    "JOIN tasks t ON t.task_id = j.task_id JOIN items i ON i.item_id = t.item_id "
    "WHERE j.project_id = :project_id AND j.outcome = 'submitted' AND j.stage = 'label' GROUP BY i.name"
)


def put(made: Installation, project_id: str, policy: QualityPolicy) -> None:
    made.write(lambda tx: made.app.projects.put_quality_policy(tx, made.owner, project_id, policy=policy))


def judged(made: Installation, project_id: str) -> dict[str, int]:
    rows = made.read(lambda tx: tx.all(_JUDGED, {"project_id": project_id}))
    assert all(row["number"] == row["people"] for row in rows), "somebody was asked twice"
    return {row["name"]: row["number"] for row in rows}


class Crew:
    """Careful people who, on some pictures, each see only a part."""

    def __init__(self, made: Installation, project_id: str, *, people: int, hard: set[str]) -> None:
        self.made, self.project_id, self.hard = made, project_id, hard
        self.people = [made.member(f"P{number}", project_id=project_id) for number in range(people)]

    def answer(self, number: int, name: str) -> Labelling:
        truth = self.made.truth[name].gold
        seed = 1000 * number + int(name[:3])
        if name in self.hard and np.random.default_rng(seed).random() < 0.5:
            return labelling()
        return shaken(truth, seed=seed)

    def work(self, *, most: int = 1_000, who: list[int] | None = None) -> int:
        """Let everybody work in turns, until nothing is left or ``most`` are handed in; jobs run in between."""
        done = 0
        while done < most:
            before = done
            for number in range(len(self.people)) if who is None else who:
                if done < most:
                    done += self.made.label(
                        self.project_id,
                        self.people[number],
                        lambda name, n=number: self.answer(n, name),
                        most=1,
                    )
            self.made.run_jobs()
            if done == before:
                return done
        return done


def started(
    made: Installation, *, policy: QualityPolicy = ADAPTIVE, pictures: int = 24, people: int = 6, **flow: Any
) -> tuple[str, Crew]:
    project_id = made.project(**flow)
    put(made, project_id, policy)
    made.import_pictures(project_id, [picture(number) for number in range(pictures)])
    hard = {f"{number:03d}.png" for number in range(pictures - 4, pictures)}
    return project_id, Crew(made, project_id, people=people, hard=hard)


def test_easy_tasks_stop_early_and_doubtful_ones_get_more(installation: Installation) -> None:
    made = installation
    project_id, crew = started(made, review={"mode": "flagged"})
    crew.work()
    counts = judged(made, project_id)
    easy = [count for name, count in counts.items() if name not in crew.hard]
    hard = [count for name, count in counts.items() if name in crew.hard]
    assert min(counts.values()) >= 2 and max(counts.values()) <= 5
    assert np.mean(easy) < 2.6 and np.mean(hard) > np.mean(easy) + 0.2
    assert set(made.states(project_id).values()) <= {"done", "review"}


def test_the_budget_is_kept(installation: Installation) -> None:
    made = installation
    policy = ADAPTIVE.model_copy(update={"budget_judgements": 51, "target": 0.999})
    project_id, crew = started(made, policy=policy)
    crew.work()
    assert 48 <= sum(judged(made, project_id).values()) <= 51
    assert set(made.states(project_id).values()) == {"done"}


def test_what_stays_doubtful_goes_to_review_when_flagged(installation: Installation) -> None:
    made = installation
    policy = ADAPTIVE.model_copy(update={"most_judgements": 2})
    project_id, crew = started(made, policy=policy, review={"mode": "flagged"})
    crew.work()
    assert set(judged(made, project_id).values()) == {2}
    states = made.states(project_id)
    assert "review" in states.values() and list(states.values()).count("done") > 10


def test_extra_judgements_wait_for_the_skilled_and_then_for_anybody(small: Installation) -> None:
    made = small
    policy = ADAPTIVE.model_copy(update={"target": 0.999})
    project_id, crew = started(made, policy=policy, pictures=40)
    crew.work(most=76, who=[0, 1, 2, 3])
    standings = made.read(lambda tx: made.app.labeling.standings_of_project(tx, project_id))
    skilled = {member for member, entry in standings.items() if entry.tier > 0}
    assert skilled
    made.write(lambda tx: tx.run(Sql("UPDATE judgements SET is_open = 0 WHERE is_open = 1 AND tier = 0")))
    reserved = made.read(
        lambda tx: tx.all(
            Sql("SELECT task_id FROM judgements WHERE is_open = 1 AND tier = 1 AND member_id IS NULL")
        )
    )
    assert reserved
    newcomer = crew.people[5]

    def take(access: Access) -> Any:
        return made.write(
            lambda tx: made.app.labeling.next_task(tx, access, project_id=project_id, stage=Stage.LABEL)
        )

    assert take(newcomer) is None, "reserved for the skilled"
    others = [access for access in crew.people if access.member_id in skilled]
    assert any(take(access) is not None for access in others)
    made.clock.advance(3_700_000)
    assert take(newcomer) is not None, "the reservation is over"


def test_a_member_who_has_met_everything_leaves_no_task_waiting(small: Installation) -> None:
    made = small
    policy = ADAPTIVE.model_copy(update={"target": 0.9999})
    project_id, crew = started(made, policy=policy, people=2, pictures=8)
    crew.work()
    assert set(judged(made, project_id).values()) == {2}, "nobody else is there to ask"
    assert set(made.states(project_id).values()) == {"done"}


def test_a_killed_job_goes_on_and_asks_once(small: Installation) -> None:
    made = small
    project_id, crew = started(made, pictures=12)
    for number in (0, 1):
        made.label(project_id, crew.people[number], lambda name, n=number: crew.answer(n, name))
    service, stopped = made.app.quality, []
    original = service.labeling.after_consensus

    def broken(tx: Any, **arguments: Any) -> None:
        original(tx, **arguments)
        if not stopped:
            stopped.append(True)
            raise RuntimeError("the power went out")

    service.labeling.after_consensus = broken  # type: ignore[method-assign]
    made.run_jobs()
    made.clock.advance(600_000)
    made.run_jobs()
    assert stopped
    asked = made.read(
        lambda tx: tx.all(
            Sql(
                "SELECT task_id, count(*) AS number FROM judgements WHERE project_id = :project_id "
                "AND is_open <> 0 GROUP BY task_id"
            ),
            {"project_id": project_id},
        )
    )
    assert all(row["number"] == 1 for row in asked)
    assert set(made.states(project_id).values()) <= {"done", "open"}


def test_changing_the_policy_changes_what_open_tasks_are_asked(small: Installation) -> None:
    made = small
    project_id = made.project(overlap=3)
    made.import_pictures(project_id, [picture(number) for number in range(3)])

    def asked() -> set[int]:
        rows = made.read(
            lambda tx: tx.all(
                Sql("SELECT open_judgements AS number FROM tasks WHERE project_id = :project_id"),
                {"project_id": project_id},
            )
        )
        return {row["number"] for row in rows}

    assert asked() == {3}
    put(made, project_id, ADAPTIVE)
    assert asked() == {2}
    put(made, project_id, QualityPolicy())
    assert asked() == {3}
