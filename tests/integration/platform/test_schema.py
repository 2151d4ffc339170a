"""goldsmith's own schema: what its revisions make equals what its tables say, on both databases."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from goldsmith.platform.database import metadata, open_database
from goldsmith.platform.database.drift import check_drift
from goldsmith.platform.database.migrating import known_revisions
from goldsmith.platform.database.upgrading import upgrade


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_revisions_make_the_tables(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """When this fails: ``python -m goldsmith.platform.database.make_migration -m "what changes"``."""
    if not known_revisions():
        pytest.skip("there is no revision yet")
    url = f"sqlite:///{tmp_path}/fresh.db"
    if kind == "postgresql":
        url = str(request.getfixturevalue("postgresql_url"))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    database = open_database(url, pool_size=1)
    upgrade(database, metadata)
    drift = check_drift(database, metadata)
    database.close()
    assert drift == []
