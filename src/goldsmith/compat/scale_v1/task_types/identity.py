"""Ids that follow from content: equal definitions meet in one, different ones never collide.

An id is a readable beginning and 96 bits of a SHA-256 over the canonical JSON of the definition.
"""

from __future__ import annotations

import colorsys
import hashlib
import json
import re
import uuid
from typing import Any, Final

_DIGITS: Final = 24
_READABLE: Final = 40
_PLAIN_OPTION: Final = 120
_NAMESPACE: Final = uuid.UUID("5f0d1f0e-6a0b-5c39-9d3e-0f4d7a9f3c11")
MAX_NAME: Final = 200


def canonical(definition: Any) -> str:
    """Return the one JSON text of a definition."""
    return json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(definition: Any) -> str:
    """Return the hash of a definition in hexadecimal digits."""
    return hashlib.sha256(canonical(definition).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def key_of(what: str, name: str, definition: Any) -> str:
    """Return the id of a definition.

    Args:
        what: Kind of thing, so that a class and an attribute of the same content differ.
        name: What the id begins with, for people who read it.
        definition: Everything that tells it from others, as JSON.
    """
    readable = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:_READABLE].strip("-") or what
    return f"{readable}-{digest_of([what, name, definition])}"


def option_key(value: Any) -> str:
    """Return the id of a choice within its attribute: the text itself where it is short."""
    if isinstance(value, str) and 0 < len(value) <= _PLAIN_OPTION and not value.startswith("#"):
        return value
    return "#" + digest_of(["option", value])


def made_uuid(*content: Any) -> str:
    """Return a UUID that follows from content, for objects that came without one."""
    return str(uuid.uuid5(_NAMESPACE, canonical(list(content))))


def shown(name: str) -> str:
    """Return a name as short as names may be; never empty."""
    name = name.strip() or "-"
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"


def color_of(name: str) -> str:
    """Return the colour of a label: always the same, and well seen on dark and light pictures."""
    seed = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    red, green, blue = colorsys.hls_to_rgb(
        seed[0] / 256 + seed[1] / 65536, 0.45 + seed[2] / 1280, 0.65 + seed[3] / 850
    )
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
