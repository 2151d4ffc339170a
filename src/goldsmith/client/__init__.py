"""The typed Python client of the public HTTP API."""

from goldsmith.client.client import Client, ClientError, JobFailedError

__all__ = ["Client", "ClientError", "JobFailedError"]
