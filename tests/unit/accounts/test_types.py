"""Roles are ordered."""

from __future__ import annotations

import itertools

from goldsmith.accounts.types import Role

ORDER = [Role.VIEWER, Role.ANNOTATOR, Role.REVIEWER, Role.MANAGER, Role.OWNER]


def test_each_role_may_do_what_the_ones_below_may() -> None:
    assert [role.rank for role in ORDER] == [0, 1, 2, 3, 4]
    for (low, lower), (high, higher) in itertools.combinations(enumerate(ORDER), 2):
        assert low < high
        assert higher.allows(lower)
        assert not lower.allows(higher)
    assert all(role.allows(role) for role in ORDER)
