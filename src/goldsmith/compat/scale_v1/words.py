"""Ids and times as Scale writes them, and values as its clients send them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.types import ParameterFault

_ID_RANDOM_BITS: Final = 52
MAX_LIMIT: Final = 100
MAX_NAME: Final = 200


def scale_id(at_ms: int, random_bits: int) -> str:
    """Return 24 hexadecimal digits that sort by time, also among those that Scale made: seconds come first.

    Args:
        at_ms: When the task was made.
        random_bits: At least 52 random bits; the lowest are used.
    """
    seconds, rest_ms = divmod(at_ms, 1000)
    return f"{seconds:08x}{rest_ms:03x}{random_bits % (1 << _ID_RANDOM_BITS):013x}"


def iso(at_ms: int) -> str:
    """Return a time as ``2021-06-17T21:46:36.359Z``."""
    text = datetime.fromtimestamp(at_ms / 1000, tz=UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def read_time(text: str, *, where: str) -> int:
    """Return milliseconds of a date or time in ISO form; in UTC where it names no zone.

    Raises:
        ParameterFault: It is none.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ParameterFault(f'"{where}" must be in ISO 8601 date format') from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def read_flag(text: str | None, *, where: str) -> bool:
    """Return a truth value of a query, in any case, as Python's clients write it; False where it was left out.

    Raises:
        ParameterFault: It is none.
    """
    value = (text or "false").lower()
    if value not in ("true", "false"):
        raise ParameterFault(f'"{where}" must be a boolean')
    return value == "true"


def read_number(text: str | None, *, where: str, least: int, most: int, fallback: int) -> int:
    """Return a whole number of a query.

    Raises:
        ParameterFault: It is none, or out of its bounds.
    """
    if text is None:
        return fallback
    try:
        number = int(text)
    except ValueError as error:
        raise ParameterFault(f'"{where}" must be an integer') from error
    if not least <= number <= most:
        raise ParameterFault(f'"{where}" must be between {least} and {most}')
    return number


def read_name(body: Mapping[str, Any], key: str) -> str:
    """Return a name that is required.

    Raises:
        ParameterFault: It is missing, no text, empty or too long.
    """
    value = body.get(key)
    if value is None:
        raise ParameterFault(f'"{key}" is required')
    if not isinstance(value, str):
        raise ParameterFault(f'"{key}" must be a string')
    if not value.strip():
        raise ParameterFault(f'"{key}" is not allowed to be empty')
    if len(value) > MAX_NAME:
        raise ParameterFault(f'"{key}" length must be less than or equal to {MAX_NAME} characters long')
    return value


def read_names(body: Mapping[str, Any], key: str) -> list[str]:
    """Return a list of texts that is required, each once, in its order.

    Raises:
        ParameterFault: It is missing, or no list of texts.
    """
    if body.get(key) is None:
        raise ParameterFault(f'"{key}" is required')
    return read_texts(body[key], where=key)


def read_texts(value: Any, *, where: str) -> list[str]:
    """Return a list of texts, each once, in its order.

    Raises:
        ParameterFault: It is no such list.
    """
    if not isinstance(value, list):
        raise ParameterFault(f'"{where}" must be an array')
    for number, entry in enumerate(value):
        if not isinstance(entry, str):
            raise ParameterFault(f'"{where}[{number}]" must be a string')
    return unique(value)


def read_object(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return an object, empty where it was left out.

    Raises:
        ParameterFault: It is something else.
    """
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ParameterFault(f'"{key}" must be an object')
    return value


def read_boolean(body: Mapping[str, Any], key: str) -> bool:
    """Return a truth value, False where it was left out.

    Raises:
        ParameterFault: It is none.
    """
    value = body.get(key)
    if isinstance(value, str):
        return read_flag(value, where=key)
    if not isinstance(value, bool | None):
        raise ParameterFault(f'"{key}" must be a boolean')
    return bool(value)


def unique(values: Iterable[str]) -> list[str]:
    """Return each value once, in the order of its first coming."""
    return list(dict.fromkeys(values))
