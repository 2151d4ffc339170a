"""The typed Python client of the public HTTP API."""
