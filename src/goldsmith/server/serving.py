"""Runs the application: uvicorn on uvloop, until it is told to end."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from goldsmith.core.errors import ConflictError, InvalidInputError
from goldsmith.platform.settings import Settings
from goldsmith.server.footprint import settle_in

_GRACE_S: Final = 10
_KEEP_ALIVE_S: Final = 75


def serve(application: ASGIApp, settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; running requests are finished first, for up to ten seconds.

    Args:
        application: From ``create_application``.
        settings: Host and port; port 0 takes a free one.
        announce: Told the URL once requests are taken.

    Raises:
        ConflictError: The port is taken.
        InvalidInputError: The host is not an address of this machine.
    """
    listening = listen(settings.host, settings.port)
    server = _Server(
        make_config(application, settings), on_started=lambda: announce(url_of(listening, settings))
    )
    settle_in()
    with _outliving_signals():
        try:
            server.run(sockets=[listening])
        finally:
            listening.close()


def make_config(application: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Return uvicorn's configuration."""
    return uvicorn.Config(
        application,
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(settings.public_url),  # a proxy stands before us only when people type another URL
        forwarded_allow_ips="127.0.0.1,::1",
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
        h11_max_incomplete_event_size=64 * 1024,
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; see ``serve`` for what it raises."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise ConflictError(
                f"port {port} is taken; stop what listens there or choose another with --port"
            ) from error
        raise InvalidInputError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    listening.set_inheritable(False)
    return listening


def url_of(listening: socket.socket, settings: Settings) -> str:
    """Return the URL to type for a listening socket."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    port = listening.getsockname()[1]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host and not host.startswith("[") else f"http://{host}:{port}"


@contextmanager
def _outliving_signals() -> Iterator[None]:
    """Return after a signal to end; uvicorn raises it again once it has ended, which would skip our own closing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, *, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()
