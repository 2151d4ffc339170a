"""An installation on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from goldsmith.core.ids import Ids, ManualClock
from tests.integration.server.house import House, build_house


@pytest.fixture
def house(database_url: str, tmp_path: Path, clock: ManualClock, ids: Ids) -> Iterator[House]:
    """An installation with nobody in it, on each database."""
    built = build_house(database_url=database_url, folder=tmp_path, clock=clock, ids=ids)
    yield built
    built.close()
