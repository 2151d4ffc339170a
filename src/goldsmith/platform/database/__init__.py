"""The database seam.

Work is a function of a transaction: ``await database.write(lambda tx: ...)``. Both databases commit what arrives at the
same time together, durably: SQLite by its one writer thread, PostgreSQL on one connection at a time, with others beside
it for what is slow, fails or waits.
"""

from goldsmith.platform.database.bulk import BulkInsert
from goldsmith.platform.database.opening import open_database
from goldsmith.platform.database.schema import metadata
from goldsmith.platform.database.seam import Database, Row, Transaction
from goldsmith.platform.database.statements import Prepared, Sql, prepared

__all__ = [
    "BulkInsert",
    "Database",
    "Prepared",
    "Row",
    "Sql",
    "Transaction",
    "metadata",
    "open_database",
    "prepared",
]
