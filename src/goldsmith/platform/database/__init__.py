"""One database seam over SQLite and PostgreSQL.

Work is a function of a transaction: ``await database.write(lambda tx: ...)``. On SQLite one writer thread commits
groups of such functions together, durably; on PostgreSQL each runs in its own transaction on a pooled connection.
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
