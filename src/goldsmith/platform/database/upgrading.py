"""Alembic at work: upgrading existing data, and writing new revisions. Imported only when needed."""

from __future__ import annotations

import argparse
import re
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy.pool import NullPool

from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.database.migrating import REVISIONS, find_revision, known_revisions
from goldsmith.platform.database.opening import open_database
from goldsmith.platform.database.seam import Database
from goldsmith.platform.database.sqlite import connect


def upgrade(
    database: Database, metadata: sa.MetaData, *, to: str = "head", revisions: Path = REVISIONS
) -> None:
    """Run the revisions that ``database`` lacks, up to ``to``, all or none; several processes may try at once."""
    before = database.read_sync(find_revision)
    if before is not None and database.dialect == "sqlite":
        _copy_aside(Path(database.url.removeprefix("sqlite:///")), known_revisions(revisions)[-1])
    with _connected(database.url) as connection:
        command.upgrade(_configured(connection, metadata, revisions=revisions), to)


def write_revision(metadata: sa.MetaData, *, message: str, folder: Path, revisions: Path = REVISIONS) -> Path:
    """Write the revision that brings the schema from the newest revision to ``metadata``.

    Args:
        metadata: All tables as they shall be.
        message: What changes, such as ``"reviews keep their time"``.
        folder: For a throw-away database.
        revisions: Where the revisions are.

    Raises:
        InvalidInputError: Nothing changes.
    """
    known = known_revisions(revisions)
    revision = f"{len(known) + 1:04}"
    database = open_database(f"sqlite:///{folder / 'compare.db'}")
    database.close()
    with _connected(database.url) as connection:
        config = _configured(connection, metadata, revisions=revisions)
        if known:
            command.upgrade(config, "head")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # expressions in indexes: the drift check sees those
            command.revision(
                config, message, autogenerate=True, rev_id=revision, process_revision_directives=_complete
            )
    written = list(revisions.glob(f"r{revision}_*.py"))
    if not written:
        raise InvalidInputError("the tables are as the newest revision has them; there is nothing to write")
    return written[0]


def _complete(context: MigrationContext, _revision: Any, directives: list[Any]) -> None:
    """Create indexes over expressions with their tables, and drop a revision that changes nothing.

    Alembic cannot compare such indexes: it leaves them out, or finds them changed each time. One that is added to, or
    changed on, a table that exists is to be written by hand; the drift check tells.
    """
    operations = directives[0].upgrade_ops
    created = {
        operation.table_name for operation in operations.ops if isinstance(operation, ops.CreateTableOp)
    }
    indexes = [
        index
        for table in context.opts["target_metadata"].sorted_tables
        for index in sorted(table.indexes, key=lambda entry: str(entry.name))
        if not all(isinstance(expression, sa.Column) for expression in index.expressions)
    ]
    _remove_indexes(operations, {index.name for index in indexes})
    operations.ops += [
        ops.CreateIndexOp.from_index(index) for index in indexes if index.table.name in created
    ]
    if operations.is_empty():
        directives.clear()


def _remove_indexes(container: Any, names: set[Any]) -> None:
    container.ops = [
        operation
        for operation in container.ops
        if not (isinstance(operation, ops.CreateIndexOp | ops.DropIndexOp) and operation.index_name in names)
    ]
    for operation in container.ops:
        if isinstance(operation, ops.OpContainer):
            _remove_indexes(operation, names)
    container.ops = [
        operation
        for operation in container.ops
        if not isinstance(operation, ops.OpContainer) or not operation.is_empty()
    ]


def _configured(connection: sa.Connection, metadata: sa.MetaData, *, revisions: Path) -> Config:
    config = Config(cmd_opts=argparse.Namespace(quiet=True))
    config.set_main_option("script_location", str(REVISIONS.parent))
    config.set_main_option("version_locations", str(revisions))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
    config.set_main_option("truncate_slug_length", "60")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    """Open a connection for Alembic that holds the write lock from its first statement on."""
    if url.startswith("sqlite:///"):
        engine = sa.create_engine("sqlite://", creator=lambda: _begin_sqlite(url), poolclass=NullPool)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        engine = sa.create_engine(
            re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url), poolclass=NullPool
        )
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _begin_sqlite(url: str) -> sqlite3.Connection:
    connection = connect(Path(url.removeprefix("sqlite:///")))
    connection.row_factory = None
    connection.execute(
        "PRAGMA foreign_keys=OFF"
    )  # tables are rebuilt under their referrers; checked afterwards
    return connection


def _copy_aside(path: Path, revision: str) -> None:
    target = path.with_name(f"{path.name}.before-{revision}")
    source = connect(path, read_only=True)
    copy = sqlite3.connect(target)
    source.backup(copy)
    copy.close()
    source.close()
