import asyncio
import threading

import pytest

from goldsmith.core.errors import LimitExceededError
from goldsmith.training.suggesting.lane import Lane


def test_work_runs_on_a_thread_of_its_own_and_errors_come_back() -> None:
    lane = Lane("look", threads=1, most_waiting=4)

    def fail() -> None:
        raise KeyError("no")

    async def use() -> str:
        with pytest.raises(KeyError):
            await lane.run(fail)
        return await lane.run(lambda: threading.current_thread().name)

    assert asyncio.run(use()).startswith("look")
    lane.close()


def test_more_than_the_bound_is_refused_and_there_is_room_again_afterwards() -> None:
    lane = Lane("look", threads=1, most_waiting=2)
    gate = threading.Event()

    async def use() -> int:
        first, second = (asyncio.ensure_future(lane.run(gate.wait)) for _ in range(2))
        await asyncio.sleep(0)
        with pytest.raises(LimitExceededError):
            await lane.run(lambda: None)
        gate.set()
        await asyncio.gather(first, second)
        return await lane.run(lambda: 3)

    assert asyncio.run(use()) == 3
    lane.close()


def test_who_stops_waiting_makes_room() -> None:
    lane = Lane("look", threads=1, most_waiting=2)
    gate = threading.Event()

    async def use() -> int:
        first = asyncio.ensure_future(lane.run(gate.wait))
        second = asyncio.ensure_future(lane.run(lambda: None))
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.sleep(0.05)
        third = asyncio.ensure_future(lane.run(lambda: 3))
        await asyncio.sleep(0)
        gate.set()
        await first
        return await third

    assert asyncio.run(use()) == 3
    lane.close()
