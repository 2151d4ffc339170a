"""Many clients at once, some of them dying, leases ending under their hands: nothing is doubled, nothing is lost."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from itertools import pairwise
from typing import Any

from goldsmith.accounts.api import Access
from goldsmith.labeling.service.handing_out import Handout
from goldsmith.labeling.types import LostLease, Stage
from tests.integration.labeling.conftest import House, labelling

LEASE_MS = 60_000
CLIENTS = 24


class Crowd:
    """Clients that claim and submit until nothing is left, and a record of who was promised what."""

    def __init__(self, house: House, *, seed: int, dying_share: float, late_share: float) -> None:
        self.house = house
        self.rng = random.Random(seed)
        self.dying_share = dying_share
        self.late_share = late_share
        self.promised: list[tuple[str, int, int]] = []  # (judgement, token, end of the lease)
        self.acknowledged: list[str] = []
        self.lost = 0

    async def claim(self, access: Access) -> Handout | None:
        lease = await self.house.labeling.hand_out(
            lambda _: access, project_id=self.house.project_id, stage=Stage.LABEL
        )
        if lease is not None:
            end_ms = lease.to_wire()["lease"]["expires_ms"]
            self.promised.append((lease.judgement_id, lease.token, end_ms))
        return lease

    def overlapping_promises(self) -> list[str]:
        """Return the judgements that were handed out before the lease before had ended, or twice by one token."""
        return [
            judgement_id
            for (judgement_id, token, end_ms), (other_id, other_token, other_end_ms) in pairwise(
                sorted(self.promised)
            )
            if judgement_id == other_id and (token == other_token or other_end_ms - LEASE_MS < end_ms)
        ]

    async def submit(self, access: Access, lease: Handout, labels: Any) -> None:
        body = self.house.body(lease.token, f"{lease.judgement_id}-{lease.token}", labels)
        database = self.house.machine.database
        for _ in range(1 + (self.rng.random() < 0.05)):  # some requests are sent twice
            result = await database.write(
                lambda tx: self.house.labeling.submit(tx, access, judgement_id=lease.judgement_id, body=body)
            )
        if isinstance(result, LostLease):
            self.lost += 1
        else:
            self.acknowledged.append(result.submission_id)

    async def work(self, access: Access, labels: Any) -> None:
        idle = 0
        while idle < 3:
            lease = await self.claim(access)
            if lease is None:
                idle += 1
                if self.dying_share:
                    self.house.clock.advance(LEASE_MS // 2)  # the dead clients' leases end
                continue
            idle = 0
            fate = self.rng.random()
            if fate < self.dying_share:
                continue
            if fate < self.dying_share + self.late_share:
                self.house.clock.advance(LEASE_MS // 4)
            await self.submit(access, lease, labels)


def run_crowd(house: House, *, tasks: int, overlap: int, **shares: float) -> Crowd:
    house.project(overlap=overlap, lease_s=LEASE_MS // 1000)
    house.tasks(tasks)
    people = [house.member(f"m{number}") for number in range(CLIENTS)]
    crowd = Crowd(house, seed=overlap, dying_share=shares["dying"], late_share=shares["late"])
    labels = labelling()

    async def all_of_them() -> None:
        await asyncio.gather(*(crowd.work(access, labels) for access in people))

    asyncio.run(all_of_them())
    return crowd


def check(house: House, crowd: Crowd, *, tasks: int, overlap: int) -> None:
    rows = house.read("SELECT submission_id, task_id, member_id FROM submissions")
    assert crowd.overlapping_promises() == []
    assert set(Counter(row["task_id"] for row in rows).values()) == {overlap}
    assert len({(row["task_id"], row["member_id"]) for row in rows}) == len(rows) == tasks * overlap
    assert sorted(set(crowd.acknowledged)) == sorted(row["submission_id"] for row in rows)
    assert sorted(house.quality.all_in) == sorted({row["task_id"] for row in rows})
    assert {row["state"] for row in house.read("SELECT state FROM tasks")} == {"resolving"}


def test_no_task_is_labelled_twice(house: House) -> None:
    crowd = run_crowd(house, tasks=2500, overlap=1, dying=0.0, late=0.0)
    check(house, crowd, tasks=2500, overlap=1)
    assert crowd.lost == 0


def test_no_task_is_labelled_twice_while_clients_die_and_leases_end(house: House) -> None:
    crowd = run_crowd(house, tasks=1500, overlap=1, dying=0.1, late=0.02)
    check(house, crowd, tasks=1500, overlap=1)


def test_overlap_is_met_exactly_while_clients_die_and_leases_end(house: House) -> None:
    crowd = run_crowd(house, tasks=500, overlap=3, dying=0.1, late=0.02)
    check(house, crowd, tasks=500, overlap=3)


def test_one_member_asking_many_times_at_once_gets_each_task_once(house: House) -> None:
    house.project(overlap=3)
    house.tasks(40)
    ann = house.member("ann")

    async def ask() -> list[Handout | None]:
        calls = (
            house.labeling.hand_out(lambda _: ann, project_id=house.project_id, stage=Stage.LABEL)
            for _ in range(40)
        )
        return list(await asyncio.gather(*calls))

    leases = asyncio.run(ask())
    assert len({lease.task_id for lease in leases if lease is not None}) == 40
