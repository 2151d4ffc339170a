"""The one catalogue of tables; every step's ``tables.py`` registers its own here.

Columns use plain types only (text, integers, floats, bytes), so that both databases return the same Python values
without conversion: times are integer milliseconds, flags are 0 or 1, structures are JSON text.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
