"""Outgoing HTTP that cannot be turned against the house: every address is checked before it is connected to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from goldsmith.core.errors import DependencyError
from goldsmith.platform.settings import Settings


class FetchError(DependencyError):
    """A URL could not be fetched; the same words whatever the reason was."""

    code = "fetch_failed"


class Fetched(NamedTuple):
    """An answer."""

    content: bytes
    media_type: str
    """As the server says, without parameters, in lower case; empty when it says nothing."""
    final_url: str
    status: int


class Fetcher:
    """Fetches public http(s) URLs, and hosts in ``settings.fetch_hosts``.

    Args:
        settings: Names the hosts that may be fetched although they are not public.
    """

    def __init__(self, settings: Settings) -> None:
        self._hosts = frozenset(settings.fetch_hosts)

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        """Fetch ``url``, following redirects.

        Raises:
            FetchError: It could not be fetched, or may not be.
            TooLargeError: The answer has more than ``max_bytes``.
        """
        raise FetchError("the URL could not be fetched")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Fetched:
        """Send ``body``; redirects are not followed and the answer's body is dropped.

        Raises:
            FetchError: It could not be sent, or may not be.
        """
        raise FetchError("the URL could not be fetched")

    def close(self) -> None:
        """Close kept connections."""
