from __future__ import annotations

from goldsmith.compat.scale_v1.callbacks.jobs import Lanes


def test_a_receiver_has_so_many_turns_and_no_more() -> None:
    lanes = Lanes(2)
    with lanes.turn_at("a") as first, lanes.turn_at("a") as second:
        with lanes.turn_at("a", within_s=0.01) as third, lanes.turn_at("b") as other:
            assert (first, second, third, other) == (True, True, False, True)
        with lanes.turn_at("a", within_s=0.01) as still:
            assert not still
    with lanes.turn_at("a", within_s=0.01) as again:
        assert again
