"""The training process and its folder."""

from __future__ import annotations

import threading
from pathlib import Path

from goldsmith.training.trainer import alone_in


def test_a_second_trainer_waits_until_the_first_has_gone(tmp_path: Path) -> None:
    order: list[str] = []
    arrived = threading.Event()

    def second() -> None:
        arrived.set()
        with alone_in(tmp_path):
            order.append("second")

    with alone_in(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        assert arrived.wait(10)
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
