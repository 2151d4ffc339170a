from __future__ import annotations

from goldsmith.compat.scale_v1.words import scale_id


def test_ids_sort_by_time_also_among_those_of_scale() -> None:
    moments_ms = [
        1_500_000_000_000,
        1_700_000_000_000,
        1_700_000_000_001,
        1_700_000_000_999,
        1_700_000_001_000,
    ]
    ids = [scale_id(at_ms, 2**64 - 1 - number) for number, at_ms in enumerate(moments_ms)]
    assert ids == sorted(ids)
    assert {len(made) for made in ids} == {24}
    assert all(set(made) <= set("0123456789abcdef") for made in ids)
    assert "576ba74eec471ff9b01557cc" < ids[0] < "6553f0ffec471ff9b01557cc" < ids[1]
