"""The history of the schema: Alembic revisions named ``r0001_what.py``, ``r0002_...``, one after another."""
