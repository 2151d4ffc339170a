"""Addresses of files that need no key: signed, and good for a week.

A response names files, and whoever is told of it fetches them without a key, as from any object store.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

LINK_MS: Final = 7 * 86_400_000
_ROUND_MS: Final = 3_600_000
PATH: Final = "/v1/files/linked"


class LinkedFile(NamedTuple):
    """A blob of a workspace under a name."""

    workspace_id: str
    sha256: str
    name: str
    media_type: str


def signed_url(file: LinkedFile, *, base_url: str, secret: str, now_ms: int) -> str:
    """Return the address of a file; the same within an hour, so that answers are alike.

    Args:
        file: What it leads to.
        base_url: Where this server is.
        secret: Of the workspace.
        now_ms: It is good for a week from then.
    """
    expires_ms = (now_ms // _ROUND_MS + 1) * _ROUND_MS + LINK_MS
    query = urlencode(
        {
            "workspace": file.workspace_id,
            "type": file.media_type,
            "expires": expires_ms,
            "signature": _signature(file, secret=secret, expires_ms=expires_ms),
        }
    )
    return f"{base_url.rstrip('/')}{PATH}/{file.sha256}/{quote(file.name, safe='')}?{query}"


def is_signed(file: LinkedFile, *, signature: str, expires_ms: int, secret: str, now_ms: int) -> bool:
    """Say whether an address leads to a file now."""
    if not secret or now_ms > expires_ms:
        return False
    expected = _signature(file, secret=secret, expires_ms=expires_ms)
    return hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode())


def _signature(file: LinkedFile, *, secret: str, expires_ms: int) -> str:
    said = "\n".join((*file, str(expires_ms)))
    return hmac.new(secret.encode(), said.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
