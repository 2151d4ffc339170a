"""One PostgreSQL connection driven through libpq itself.

psycopg's cursors cost about 30 us of CPU a statement and twice that under threads; goldsmith's statements use five
plain types, which take 5 us through ``psycopg.pq``. Measured for claim + submit, 8 statements in 2 transactions, with
32 clients: 922 us of CPU a cycle by cursors, 320 us here, and the server's part falls from 730 to 390 us. Connecting,
URLs, error classes and libpq itself stay psycopg's.

Values: int, float, str, bytes, None; a bool is sent as 0 or 1. Read back: integers and floats as such, ``numeric`` as
int when whole, else float, ``boolean`` as 0 or 1 (the same Python values as from SQLite), bytea as bytes, all else as
str.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import pq

from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.database.seam import Row
from goldsmith.platform.database.statements import Compiled

_UNKNOWN: Final = 0
_BYTEA: Final = 17
_INT8: Final = 20
_INT2: Final = 21
_INT4: Final = 23
_FLOAT8: Final = 701
_PREPARE_AT_USE: Final = 3
_STATEMENTS_KEPT: Final = 500
_PIPELINE_ROWS: Final = 500
_COPY_CHARS: Final = 1024 * 1024
"""Of one part. Smaller ones would overlap with the server, but each wait for it also waits for Python's lock."""
_COPY_ESCAPES: Final = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_NUL: Final = "text must not hold the NUL character; remove it"


class OutdatedSessionError(Exception):
    """The schema changed since statements were prepared; the operation goes again on a new connection."""


Decode = Callable[[bytes], Any]
Column = tuple[str, Decode]


def _to_number(text: bytes) -> int | float:
    return float(text) if b"." in text or b"N" in text or b"I" in text else int(text)


_DECODERS: Final[Mapping[int, Decode]] = {
    16: lambda text: int(text == b"t"),
    _BYTEA: lambda text: bytes.fromhex(text[2:].decode()),
    _INT8: int,
    _INT2: int,
    _INT4: int,
    26: int,
    700: float,
    _FLOAT8: float,
    1700: _to_number,
}


class Encoded(NamedTuple):
    """Parameters as libpq takes them."""

    values: list[bytes | None]
    types: tuple[int, ...]
    formats: list[int] | None
    """1 where a value is binary; None when all are text."""


def encode(names: Sequence[str], params: Mapping[str, Any]) -> Encoded:
    """Encode the values of ``names`` in order.

    Raises:
        KeyError: A value is missing.
        InvalidInputError: A text holds a NUL character, or a value has another type.
    """
    values: list[bytes | None] = []
    types: list[int] = []
    has_bytes = False
    for name in names:
        value = params[name]
        if value is None:
            values.append(None)
            types.append(_UNKNOWN)
        elif isinstance(value, str):
            if "\0" in value:
                raise InvalidInputError(_NUL)
            values.append(value.encode())
            types.append(_UNKNOWN)
        elif isinstance(value, int):
            values.append(b"%d" % value)
            types.append(_INT2 if -32768 <= value < 32768 else _INT4 if -(2**31) <= value < 2**31 else _INT8)
        elif isinstance(value, float):
            values.append(float.__repr__(value).encode())
            types.append(_FLOAT8)
        elif isinstance(value, bytes | bytearray | memoryview):
            values.append(bytes(value))
            types.append(_BYTEA)
            has_bytes = True
        else:
            raise InvalidInputError(_no_value(value))
    formats = [1 if type_oid == _BYTEA else 0 for type_oid in types] if has_bytes else None
    return Encoded(values, tuple(types), formats)


def _no_value(value: object) -> str:
    return f"{type(value).__name__} is no database value; use int, float, str, bytes or None"


def copy_text(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Encode rows as COPY takes them, in parts of some size.

    Raises:
        InvalidInputError: A text holds a NUL character, or a value has another type.
    """
    lines: list[str] = []
    waiting_chars = 0
    for row in rows:
        line = "\t".join([_copied(value) for value in row])
        lines.append(line)
        waiting_chars += len(line)
        if waiting_chars >= _COPY_CHARS:
            yield "\n".join([*lines, ""]).encode()
            lines, waiting_chars = [], 0
    if lines:
        yield "\n".join([*lines, ""]).encode()


def _copied(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        if "\0" in value:
            raise InvalidInputError(_NUL)
        for plain, escaped in _COPY_ESCAPES:
            if plain in value:
                value = value.replace(plain, escaped)
        return value
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return float.__repr__(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return "\\\\x" + bytes(value).hex()
    raise InvalidInputError(_no_value(value))


class _Kept:
    """A statement that was run before, prepared on the server when run often."""

    __slots__ = ("columns", "name", "uses")

    def __init__(self) -> None:
        self.uses = 0
        self.name: bytes | None = None
        self.columns: list[Column] | None = None


class PqSession:
    """A connection and the statements prepared on it. Not thread-safe; used by one thread at a time.

    Args:
        url: ``postgresql://user@host/name``.
    """

    def __init__(self, url: str) -> None:
        self._connection = psycopg.Connection.connect(
            url, autocommit=True, client_encoding="utf8", connect_timeout=10
        )
        self._pgconn = self._connection.pgconn
        self._poll = select.poll()
        self._poll.register(self._pgconn.socket)
        self._kept: dict[tuple[str, tuple[int, ...]], _Kept] = {}
        self._prepared_count = 0
        self._is_spent = False
        self.is_new = True

    @property
    def is_broken(self) -> bool:
        """Whether the connection is lost."""
        return bool(self._pgconn.status != pq.ConnStatus.OK)

    @property
    def is_usable(self) -> bool:
        """Whether it is connected, in no transaction, and its prepared statements are those that it knows."""
        return not self._is_spent and self._pgconn.transaction_status == pq.TransactionStatus.IDLE

    @property
    def has_failed_statement(self) -> bool:
        """Whether a statement of the open transaction failed, so that PostgreSQL would turn COMMIT into ROLLBACK."""
        return bool(self._pgconn.transaction_status == pq.TransactionStatus.INERROR)

    def command(self, text: bytes) -> None:
        """Run a statement without parameters, such as ``BEGIN``."""
        self._check(self._pgconn.exec_(text))
        self.is_new = False

    def rows(self, compiled: Compiled, params: Mapping[str, Any]) -> list[Row]:
        """Run and return all rows."""
        result, columns = self._run(compiled, params)
        get = result.get_value
        return [
            {
                name: None if (value := get(row, column)) is None else decode(value)
                for column, (name, decode) in enumerate(columns)
            }
            for row in range(result.ntuples)
        ]

    def count(self, compiled: Compiled, params: Mapping[str, Any]) -> int:
        """Run and return the number of rows it touched; -1 when it touches none by nature."""
        result, _ = self._run(compiled, params)
        touched = result.command_tuples
        return -1 if touched is None else touched

    def many(self, compiled: Compiled, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a write for each of ``rows``, sent without waiting for each answer."""
        for start in range(0, len(rows), _PIPELINE_ROWS):
            self._pipeline(compiled, rows[start : start + _PIPELINE_ROWS])

    def copy(self, text: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run ``COPY .. FROM STDIN`` with these rows; several times faster than a statement for each row."""
        result = self._pgconn.exec_(text.encode())
        if result.status != pq.ExecStatus.COPY_IN:
            self._check(result)
        self._pgconn.nonblocking = 1
        try:
            fault: bytes | None = b"the rows cannot be sent"
            try:
                for part in copy_text(rows):
                    self._pgconn.put_copy_data(part)
                    self._flush()
                fault = None
            finally:
                self._pgconn.put_copy_end(fault)
                failure = self._read_answers()
        finally:
            self._pgconn.nonblocking = 0
        if failure is not None:
            self._check(failure)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _run(self, compiled: Compiled, params: Mapping[str, Any]) -> tuple[pq.abc.PGresult, list[Column]]:
        encoded = encode(compiled.names, params)
        key = (compiled.text, encoded.types)
        kept = self._kept.pop(key, None) or _Kept()
        kept.uses += 1
        self._keep(key, kept)
        if kept.name is None and kept.uses >= _PREPARE_AT_USE:
            self._prepare(kept, compiled.text, encoded.types)
        if kept.name is not None:
            result = self._pgconn.exec_prepared(kept.name, encoded.values, encoded.formats)  # type: ignore[arg-type]
        else:
            result = self._pgconn.exec_params(
                compiled.text.encode(), encoded.values, encoded.types, encoded.formats
            )
        self._check(result)
        if kept.columns is None:
            kept.columns = _columns_of(result)
        return result, kept.columns

    def _prepare(self, kept: _Kept, text: str, types: tuple[int, ...]) -> None:
        self._prepared_count += 1
        name = b"gs%d" % self._prepared_count
        self._check(self._pgconn.prepare(name, text.encode(), types))
        kept.name = name

    def _keep(self, key: tuple[str, tuple[int, ...]], kept: _Kept) -> None:
        self._kept[key] = kept  # newest last
        if len(self._kept) > _STATEMENTS_KEPT:
            oldest = self._kept.pop(next(iter(self._kept)))
            if oldest.name is not None:
                self.command(b"DEALLOCATE " + oldest.name)

    def _pipeline(self, compiled: Compiled, rows: Sequence[Mapping[str, Any]]) -> None:
        sent = [encode(compiled.names, row) for row in rows]
        text = compiled.text.encode()
        prepared: dict[tuple[int, ...], bytes] = {}
        self._pgconn.nonblocking = 1
        self._pgconn.enter_pipeline_mode()
        try:
            for encoded in sent:
                name = prepared.get(encoded.types)
                if name is None:
                    name = prepared[encoded.types] = b"gsmany%d" % len(prepared)
                    self._pgconn.send_prepare(name, text, encoded.types)
                self._pgconn.send_query_prepared(name, encoded.values, encoded.formats)
            self._pgconn.pipeline_sync()
            failure = self._read_pipeline()
        finally:
            self._pgconn.exit_pipeline_mode()
            self._pgconn.nonblocking = 0
        if failure is not None:
            self._is_spent = (
                True  # what was prepared stays, and nothing can be taken away before the rollback
            )
            self._check(failure)
        for name in prepared.values():
            self.command(b"DEALLOCATE " + name)

    def _read_pipeline(self) -> pq.abc.PGresult | None:
        """Read all answers up to the end of the pipeline; returns the first that is an error."""
        failure: pq.abc.PGresult | None = None
        while True:
            result = self._next_result()
            if result is None:
                if self._pgconn.status != pq.ConnStatus.OK:
                    raise psycopg.OperationalError("the connection was lost")
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                return failure
            if result.status == pq.ExecStatus.FATAL_ERROR and failure is None:
                failure = result

    def _read_answers(self) -> pq.abc.PGresult | None:
        """Read all answers of one command; returns the first that is an error."""
        failure: pq.abc.PGresult | None = None
        while (result := self._next_result()) is not None:
            if result.status == pq.ExecStatus.FATAL_ERROR and failure is None:
                failure = result
        return failure

    def _next_result(self) -> pq.abc.PGresult | None:
        """Wait for the next answer in ``poll``, for ``get_result`` would hold Python's lock while it waits."""
        self._flush()
        while self._pgconn.is_busy():
            self._wait(for_room=bool(self._pgconn.flush()))
        return self._pgconn.get_result()

    def _flush(self) -> None:
        """Send what is buffered, and take in what the server says meanwhile, so that neither waits for the other."""
        while self._pgconn.flush():
            self._wait(for_room=True)

    def _wait(self, *, for_room: bool) -> None:
        self._poll.modify(self._pgconn.socket, select.POLLIN | (select.POLLOUT if for_room else 0))
        ready = self._poll.poll()
        if any(event & ~select.POLLOUT for _, event in ready):
            self._pgconn.consume_input()

    def _check(self, result: pq.abc.PGresult) -> None:
        if result.status in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY):
            return
        if self._pgconn.status != pq.ConnStatus.OK:
            raise psycopg.OperationalError(result.get_error_message() or "the connection was lost")
        error = psycopg.errors.error_from_result(result)
        if isinstance(error, psycopg.errors.FeatureNotSupported) and "cached plan" in str(error):
            self._is_spent = True  # the schema changed under a prepared statement
            raise OutdatedSessionError from error
        raise error


def _columns_of(result: pq.abc.PGresult) -> list[Column]:
    columns: list[Column] = []
    for number in range(result.nfields):
        name = result.fname(number)
        assert name is not None
        columns.append((name.decode(), _DECODERS.get(result.ftype(number), bytes.decode)))
    return columns
