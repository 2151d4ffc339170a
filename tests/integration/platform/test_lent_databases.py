"""The databases that tests are lent: the next one finds no trace of the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.postgresql import Cluster, Lent

psycopg = pytest.importorskip("psycopg")
_WORKSPACE = "INSERT INTO workspaces (workspace_id, name, created_ms) VALUES ('wsp_1', 'Streets', 1)"
_COUNT = "SELECT count(*) FROM workspaces"


@pytest.fixture
def lent(postgresql_cluster: Cluster) -> Lent:
    """A database that the test gives back by itself."""
    return postgresql_cluster.lend()


def is_there(cluster: Cluster, name: str) -> bool:
    with psycopg.connect(cluster.url("postgres")) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None


def test_rows_are_gone(postgresql_cluster: Cluster, lent: Lent) -> None:
    with psycopg.connect(postgresql_cluster.url(lent.name)) as connection:
        connection.execute(_WORKSPACE)
    postgresql_cluster.take_back(lent)
    again = postgresql_cluster.lend()
    assert again.name == lent.name
    with psycopg.connect(postgresql_cluster.url(again.name)) as connection:
        assert connection.execute(_COUNT).fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    postgresql_cluster.take_back(again)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE further (number int)",
        "ALTER TABLE workspaces ALTER COLUMN name DROP NOT NULL",
        "CREATE INDEX further ON workspaces (name)",
        "DROP TABLE workspaces CASCADE",
        "CREATE FUNCTION further() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "UPDATE alembic_version SET version_num = 'older'",
        "DELETE FROM alembic_version",
        "ANALYZE",
    ],
)
def test_what_is_changed_in_more_than_rows_is_not_lent_again(
    postgresql_cluster: Cluster, lent: Lent, change: str
) -> None:
    with psycopg.connect(postgresql_cluster.url(lent.name), autocommit=True) as connection:
        connection.execute(_WORKSPACE)
        connection.execute(change)
    postgresql_cluster.take_back(lent)
    assert not is_there(postgresql_cluster, lent.name)


def test_what_somebody_still_uses_is_not_lent_again(postgresql_cluster: Cluster, lent: Lent) -> None:
    connection = psycopg.connect(postgresql_cluster.url(lent.name), autocommit=True)
    postgresql_cluster.take_back(lent)
    assert not is_there(postgresql_cluster, lent.name)
    with pytest.raises(psycopg.OperationalError):
        connection.execute(_COUNT)
    connection.close()


def test_two_at_once_are_two(postgresql_cluster: Cluster, lent: Lent) -> None:
    other = postgresql_cluster.lend()
    assert other.name != lent.name
    for database in (lent, other):
        postgresql_cluster.take_back(database)
