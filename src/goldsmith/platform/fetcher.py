"""Outgoing HTTP that cannot be turned against the house.

A URL that a member typed may point at this machine, at its neighbours, or at a cloud's metadata service: directly, by
a redirect, by a name that resolves inwards, by a name whose second answer differs from its first, or by a number in
another notation. Therefore a name is resolved once, every address it has must be public, and exactly the address that
was checked is connected to; each hop of a redirect goes the same way. Whatever went wrong before a server answered, the
error is the same, so that it tells nothing about the network inside.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import httpcore
import structlog

from goldsmith import __version__
from goldsmith.core.errors import DependencyError, TooLargeError
from goldsmith.platform.settings import Settings

Resolve = Callable[[str, int], list[str]]
"""From host and port to addresses; raises OSError when there are none."""

_log = structlog.get_logger()
_CONNECT_TIMEOUT_S: Final = 5.0
_READ_TIMEOUT_S: Final = 15.0
_REQUEST_TIMEOUT_S: Final = 120.0
_REDIRECTS: Final = 5
_MAX_URL_CHARACTERS: Final = 4096
_LOWEST_FREE_PORT: Final = 1024
_UNSEEN: Final = re.compile(r"[\x00-\x20\x7f]")
_HOST: Final = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")
_PATH_CHARACTERS: Final = "/%:@!$&'()*+,;=~"
_NOT_FETCHED: Final = "the URL could not be fetched: it must be a public http(s) address that answers"
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_AMAZON: Final = ipaddress.ip_network("fd00:ec2::/32")
_UNICAST: Final = ipaddress.ip_network("2000::/3")
_SPECIAL: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


class FetchError(DependencyError):
    """A URL could not be fetched; the words do not tell why, but for the status of a server that answered.

    Attributes:
        answer_status: The status of the server's answer; None when there was none.
    """

    code = "fetch_failed"
    title = "The URL could not be fetched"

    def __init__(self, detail: str = _NOT_FETCHED, *, answer_status: int | None = None) -> None:
        super().__init__(detail)
        self.answer_status = answer_status


class Fetched(NamedTuple):
    """An answer."""

    content: bytes
    media_type: str
    """As the server says, without parameters, in lower case; empty when it says nothing."""
    final_url: str
    status: int


def is_public(address: str) -> bool:
    """Say whether ``address`` belongs to the public Internet, seen through IPv4-mapped and NAT64 forms."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
        if ip not in _UNICAST:
            return False
    is_special = any(ip in network for network in _SPECIAL if network.version == ip.version)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not is_special


def is_neighbour(address: str) -> bool:
    """Say whether ``address`` is this machine's own or one of a private network.

    Where clouds answer machines with their credentials is neither, so no list of a workspace opens it.
    """
    ip = ipaddress.ip_address(address)
    inner = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    if inner is not None:
        return is_neighbour(str(inner))
    is_special = any(ip in network for network in (*_SPECIAL, _AMAZON) if network.version == ip.version)
    is_odd = ip.is_link_local or ip.is_multicast or ip.is_unspecified or is_special
    return not is_odd and (ip.is_loopback or (ip.is_private and not ip.is_reserved))


def _is_listed(host: str, port: int, hosts: frozenset[str]) -> bool:
    return host in hosts or f"{host}:{port}" in hosts


def resolve_host(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of ``host``; numbers in any notation count as names."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Refused(Exception):  # noqa: N818  turned into FetchError at the border
    """Not to be fetched; the reason is for the log only."""


class _Deadline(threading.local):
    """When the request that this thread makes must be over, and which hosts it may reach besides public ones."""

    at_s = 0.0
    private_hosts: frozenset[str] = frozenset()

    def remaining(self, timeout_s: float | None) -> float:
        left_s = self.at_s - time.monotonic()
        if left_s <= 0:
            raise httpcore.ReadTimeout("the request took too long in all")
        return left_s if timeout_s is None else min(left_s, timeout_s)


class _TimedStream(httpcore.NetworkStream):
    """A connection that also ends when the whole request takes too long, however steadily it drips."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.remaining(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.remaining(timeout))
        return _TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _GuardedNetwork(httpcore.NetworkBackend):
    """Resolves a name once, checks every address and connects to one that was checked."""

    def __init__(
        self, inner: httpcore.NetworkBackend, resolve: Resolve, allowed: frozenset[str], deadline: _Deadline
    ) -> None:
        self._inner = inner
        self._resolve = resolve
        self._allowed = allowed
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        last: Exception | None = None
        for address in self._checked(host, port):
            limit_s = self._deadline.remaining(timeout)
            try:
                stream = self._inner.connect_tcp(address, port, limit_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _TimedStream(stream, self._deadline)
        raise last or _Refused("the name has no address")

    def _checked(self, host: str, port: int) -> list[str]:
        addresses = self._resolve(host, port)
        if _is_listed(host, port, self._allowed):
            return addresses
        if port not in (80, 443) and port < _LOWEST_FREE_PORT:
            raise _Refused(f"port {port} belongs to another protocol")
        is_own = _is_listed(host, port, self._deadline.private_hosts)
        for address in addresses:
            if not (is_public(address) or (is_own and is_neighbour(address))):
                raise _Refused(f"{address} is not public")
        return addresses


class Fetcher:
    """Fetches public http(s) URLs, and those of hosts in ``settings.fetch_hosts``. Thread-safe.

    No proxy and no credential is taken from the environment, and no cookie is kept.

    Args:
        settings: Names the hosts (``host`` or ``host:port``) that may be fetched although they are not public.
        resolve: From names to addresses; the system's by default.
        network: Makes the connections to addresses that were found good.
        timeout_s: After which a request is given up, all hops and the whole answer included.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        resolve: Resolve = resolve_host,
        network: httpcore.NetworkBackend | None = None,
        timeout_s: float = _REQUEST_TIMEOUT_S,
    ) -> None:
        self._timeout_s = timeout_s
        self._deadline = _Deadline()
        allowed = frozenset(host.lower() for host in settings.fetch_hosts)
        self._network = _GuardedNetwork(network or httpcore.SyncBackend(), resolve, allowed, self._deadline)

    @cached_property
    def _pool(self) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            max_connections=32,
            max_keepalive_connections=8,
            keepalive_expiry=15.0,
            network_backend=self._network,
        )

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        """Fetch ``url``, following at most five redirects.

        Raises:
            FetchError: It could not be fetched, or may not be.
            TooLargeError: The answer has more than ``max_bytes``.
        """
        next_url = url
        for _ in range(_REDIRECTS + 1):
            with self._request("GET", next_url, headers={}) as (parsed, response):
                location = _header(response, b"location")
                if response.status in (301, 302, 303, 307, 308) and location:
                    next_url = urljoin(_text(parsed), location)
                    continue
                if not 200 <= response.status < 300:
                    detail = (
                        f"the URL could not be fetched: its server answered with status {response.status}"
                    )
                    raise FetchError(detail, answer_status=response.status)
                content = _read(response, max_bytes=max_bytes)
                media_type = _header(response, b"content-type").split(";")[0].strip().lower()
                return Fetched(content, media_type, _text(parsed), response.status)
        raise FetchError

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        private_hosts: frozenset[str] = frozenset(),
        timeout_s: float | None = None,
        answer_bytes: int = 0,
    ) -> Fetched:
        """Send ``body``; redirects are not followed, any status is returned.

        Args:
            url: Where to.
            body: What.
            headers: Besides our own.
            private_hosts: ``host`` or ``host:port`` that may be reached in this request although they are this
                machine's or in a private network. Such a connection is not kept, so that no other request meets it.
            timeout_s: After which it is given up; the fetcher's own when None.
            answer_bytes: So much of the answer's beginning is returned; the rest is dropped.

        Raises:
            FetchError: It could not be sent, or may not be.
        """
        sent = {**headers, "connection": "close"} if private_hosts else headers
        self._deadline.private_hosts = private_hosts
        try:
            with self._request("POST", url, headers=sent, body=body, timeout_s=timeout_s) as (
                parsed,
                response,
            ):
                answer = _beginning(response, answer_bytes)
                return Fetched(answer, "", _text(parsed), response.status)
        finally:
            self._deadline.private_hosts = frozenset()

    def close(self) -> None:
        """Close kept connections."""
        if "_pool" in self.__dict__:
            self._pool.close()

    @contextmanager
    def _request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Iterator[tuple[httpcore.URL, httpcore.Response]]:
        timeout = {"connect": _CONNECT_TIMEOUT_S, "read": _READ_TIMEOUT_S, "write": _READ_TIMEOUT_S}
        own = {"user-agent": f"goldsmith/{__version__}", "accept": "*/*", "accept-encoding": "identity"}
        within_s = self._timeout_s if timeout_s is None else timeout_s
        self._deadline.at_s = time.monotonic() + within_s
        try:
            parsed = _parse(url)
            with self._pool.stream(
                method,
                parsed,
                headers=[(name.encode(), value.encode()) for name, value in {**own, **headers}.items()],
                content=body,
                extensions={"timeout": {**timeout, "pool": within_s}},
            ) as response:
                yield parsed, response
        except (
            _Refused,
            OSError,
            ValueError,
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
        ) as error:
            _log.info("fetch failed", reason=f"{type(error).__name__}: {error}", url=url[:200])
            raise FetchError from error


def _parse(url: str) -> httpcore.URL:
    """Return the URL when it may be asked for at all.

    Raises:
        _Refused: It may not.
        ValueError: It is none.
    """
    if len(url) > _MAX_URL_CHARACTERS or _UNSEEN.search(url):
        raise _Refused("too long, or characters that nobody sees")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise _Refused(f"scheme {parts.scheme!r}")
    host = (parts.hostname or "").encode("idna").decode().lower()
    if not _HOST.fullmatch(host) or "@" in parts.netloc:
        raise _Refused("no host, or a user name in the URL")
    if parts.port == 0:
        raise _Refused("port 0")
    target = quote(parts.path or "/", safe=_PATH_CHARACTERS)
    if parts.query:
        target += "?" + quote(parts.query, safe=_PATH_CHARACTERS + "?")
    return httpcore.URL(scheme=parts.scheme, host=host, port=parts.port, target=target)


def _text(url: httpcore.URL) -> str:
    host = url.host.decode()
    port = "" if url.port is None else f":{url.port}"
    return f"{url.scheme.decode()}://{f'[{host}]' if ':' in host else host}{port}{url.target.decode()}"


def _header(response: httpcore.Response, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == name), "")


def _beginning(response: httpcore.Response, most_bytes: int) -> bytes:
    content = bytearray()
    if most_bytes:
        for chunk in response.iter_stream():
            content += chunk
            if len(content) >= most_bytes:
                break
    return bytes(content[:most_bytes])


def _read(response: httpcore.Response, *, max_bytes: int) -> bytes:
    if _header(response, b"content-encoding").lower() not in ("", "identity"):
        raise _Refused("an encoding that was not asked for")
    announced = _header(response, b"content-length")
    content = bytearray()
    too_large = TooLargeError(f"the URL's content is larger than the {max_bytes:,} bytes that are allowed")
    if announced.isdigit() and int(announced) > max_bytes:
        raise too_large
    for chunk in response.iter_stream():
        content += chunk
        if len(content) > max_bytes:
            raise too_large
    return bytes(content)
