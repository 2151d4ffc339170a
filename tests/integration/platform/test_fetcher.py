"""The guard on outgoing requests, exercised with real servers on loopback and a made-up resolver and Internet."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpcore
import pytest

from goldsmith.core.errors import TooLargeError
from goldsmith.platform.fetcher import Fetched, Fetcher, FetchError, resolve_host
from goldsmith.platform.settings import load_settings

PUBLIC, OTHER_PUBLIC = "93.184.216.34", "93.184.216.35"


class Site:
    """A server on loopback that records what it was asked."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.bodies: list[tuple[bytes, dict[str, str]]] = []
        self.redirects: dict[str, str] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.paths.append(self.path)
                if self.path in site.redirects:
                    self.send_response(302)
                    self.send_header("location", site.redirects[self.path])
                    self.send_header("content-length", "0")
                    self.end_headers()
                elif self.path == "/missing":
                    self._send(404, b"SECRET of the inside")
                elif self.path == "/zipped":
                    self._send(200, gzip.compress(b"x" * 100), encoding="gzip")
                elif self.path == "/endless":
                    self.send_response(200)
                    self.send_header("connection", "close")
                    self.end_headers()
                    for _ in range(1000):
                        self.wfile.write(b"x" * 1000)
                elif self.path == "/slow":
                    time.sleep(1)
                else:
                    self._send(200, b"picture")

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                site.bodies.append((self.rfile.read(length), dict(self.headers)))
                self._send(500 if self.path == "/broken" else 200, b"thanks")

            def _send(self, status: int, body: bytes, encoding: str = "") -> None:
                self.send_response(status)
                self.send_header("content-type", "image/PNG; charset=x")
                self.send_header("content-length", str(len(body)))
                if encoding:
                    self.send_header("content-encoding", encoding)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    yield running
    running.server.shutdown()
    running.server.server_close()


class PretendInternet(httpcore.NetworkBackend):
    """Connects public addresses to the site, and records every address it was asked to connect to."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connected: list[str] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.connected.append(host)
        if host in (PUBLIC, OTHER_PUBLIC):
            return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.port, timeout)
        raise httpcore.ConnectError("nobody there")


class World:
    """A fetcher that lives in a pretend Internet."""

    def __init__(self, site: Site, names: dict[str, list[list[str]]], allowed: list[str]) -> None:
        self.network = PretendInternet(site.port)
        self.names = names
        self.fetcher = Fetcher(
            load_settings(fetch_hosts=allowed), resolve=self._resolve, network=self.network
        )

    def _resolve(self, host: str, port: int) -> list[str]:
        answers = self.names.get(host)
        if answers is None:
            return resolve_host(host, port)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def get(self, url: str, max_bytes: int = 10_000) -> Fetched:
        return self.fetcher.get(url, max_bytes=max_bytes)


@pytest.fixture
def make_world(site: Site) -> Iterator[Callable[..., World]]:
    made: list[World] = []

    def make(names: dict[str, list[list[str]]] | None = None, allowed: list[str] | None = None) -> World:
        made.append(World(site, {"cdn.example": [[PUBLIC]], **(names or {})}, allowed or []))
        return made[-1]

    yield make
    for world in made:
        world.fetcher.close()


def test_a_public_url_is_fetched(make_world: Callable[..., World], site: Site) -> None:
    fetched = make_world().get("http://CDN.example/a.png?q=1")
    assert fetched == Fetched(b"picture", "image/png", "http://cdn.example/a.png?q=1", 200)
    assert site.paths == ["/a.png?q=1"]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://cdn.example/",
        "ftp://cdn.example/",
        "//cdn.example/",
        "http://",
        "nonsense",
        "",
        "http://user:secret@cdn.example/",
        "http://cdn.example:22/",
        "http://cdn.example:99999/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://localhost/",
        "http://localhost./",
        "http://inside.example/",
        "http://mixed.example/",
        "http://no-such-name.invalid/",
        "http://cdn.example/\r\nx: y",
        "http://cdn.example/" + "a" * 5000,
    ],
)
def test_what_may_not_be_fetched_is_refused_unseen(make_world: Callable[..., World], url: str) -> None:
    names = {
        "inside.example": [["10.0.0.7"]],
        "mixed.example": [[PUBLIC, "127.0.0.1"]],
        "localhost.": [["127.0.0.1"]],
        "no-such-name.invalid": [[]],
    }
    world = make_world(names)
    with pytest.raises(FetchError) as refused:
        world.get(url)
    assert world.network.connected == []
    assert refused.value.detail == FetchError().detail


def test_a_redirect_inwards_is_refused(make_world: Callable[..., World], site: Site) -> None:
    for target in (
        "http://127.0.0.1:80/",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "http://inside.example/x",
    ):
        site.redirects["/go"] = target
        world = make_world({"inside.example": [["192.168.0.1"]]})
        with pytest.raises(FetchError, match="must be a public"):
            world.get("http://cdn.example/go")
        assert world.network.connected == [PUBLIC]


def test_redirects_outwards_are_followed_but_not_for_ever(
    make_world: Callable[..., World], site: Site
) -> None:
    site.redirects |= {"/go": "next", "/next": "http://other.example/last", "/loop": "/loop"}
    world = make_world({"other.example": [[OTHER_PUBLIC]]})
    assert world.get("http://cdn.example/go").final_url == "http://other.example/last"
    with pytest.raises(FetchError):
        world.get("http://cdn.example/loop")


def test_a_name_is_resolved_once_and_pinned(make_world: Callable[..., World]) -> None:
    world = make_world({"rebind.example": [[PUBLIC], ["127.0.0.1"]]})
    assert world.get("http://rebind.example/").content == b"picture"
    assert world.network.connected == [PUBLIC]
    world.fetcher.close()  # a fresh connection asks again, and is refused
    del world.fetcher.__dict__["_pool"]
    with pytest.raises(FetchError):
        world.get("http://rebind.example/")
    assert world.network.connected == [PUBLIC]


def test_a_second_address_is_tried(make_world: Callable[..., World]) -> None:
    world = make_world({"two.example": [["8.8.8.8", PUBLIC]]})
    assert world.get("http://two.example/").content == b"picture"
    assert world.network.connected == ["8.8.8.8", PUBLIC]


def test_hosts_that_the_operator_names_may_be_inside(site: Site) -> None:
    settings = load_settings(fetch_hosts=[f"127.0.0.1:{site.port}", "Store.internal"])
    fetcher = Fetcher(settings, resolve=lambda host, port: ["127.0.0.1"] if "." in host else [])
    assert fetcher.get(f"http://127.0.0.1:{site.port}/a", max_bytes=99).content == b"picture"
    assert fetcher.get(f"http://store.internal:{site.port}/a", max_bytes=99).content == b"picture"
    with pytest.raises(FetchError):
        fetcher.get(f"http://other.internal:{site.port}/a", max_bytes=99)
    with pytest.raises(FetchError):
        fetcher.get("http://127.0.0.1:1/a", max_bytes=99)
    fetcher.close()


def test_sizes_are_capped(make_world: Callable[..., World]) -> None:
    world = make_world()
    with pytest.raises(TooLargeError):
        world.get("http://cdn.example/a", max_bytes=6)
    with pytest.raises(TooLargeError):
        world.get("http://cdn.example/endless", max_bytes=50_000)
    with pytest.raises(FetchError):  # nothing is unpacked, so nothing can explode
        world.get("http://cdn.example/zipped")


def test_a_status_is_told_but_no_body(make_world: Callable[..., World]) -> None:
    with pytest.raises(FetchError) as failed:
        make_world().get("http://cdn.example/missing")
    assert failed.value.answer_status == 404
    assert "SECRET" not in failed.value.detail


def test_waiting_has_an_end(site: Site) -> None:
    fetcher = Fetcher(load_settings(fetch_hosts=["127.0.0.1"]), timeout_s=0.2)
    with pytest.raises(FetchError):
        fetcher.get(f"http://127.0.0.1:{site.port}/slow", max_bytes=10)
    fetcher.close()


def test_posts_are_sent_signed_and_not_redirected(make_world: Callable[..., World], site: Site) -> None:
    world = make_world()
    fetched = world.fetcher.post(
        "http://cdn.example/hook", b"{}", {"x-signature": "abc", "content-type": "application/json"}
    )
    assert (fetched.status, fetched.content) == (200, b"")
    body, headers = site.bodies[0]
    assert (body, headers["x-signature"], headers["content-type"]) == (b"{}", "abc", "application/json")
    assert world.fetcher.post("http://cdn.example/broken", b"{}", {}).status == 500
    with pytest.raises(FetchError):
        world.fetcher.post("http://127.0.0.1/hook", b"{}", {})


def test_a_post_may_reach_the_neighbours_it_names(make_world: Callable[..., World], site: Site) -> None:
    world = make_world({"meta.example": [["169.254.169.254"]]})
    fetcher, url = Fetcher(load_settings()), f"http://127.0.0.1:{site.port}/hook"
    own = frozenset({"127.0.0.1"})
    answer = fetcher.post(url, b"{}", {}, private_hosts=own, timeout_s=5, answer_bytes=4)
    assert (answer.status, answer.content) == (200, b"than")
    with pytest.raises(FetchError):  # the connection was not kept for whoever may not
        fetcher.post(url, b"{}", {})
    with pytest.raises(FetchError):
        fetcher.post(url, b"{}", {}, private_hosts=frozenset({"127.0.0.1:1"}))
    with pytest.raises(FetchError):
        world.fetcher.post("http://meta.example/", b"{}", {}, private_hosts=frozenset({"meta.example"}))
    assert (len(site.bodies), world.network.connected) == (1, [])
    fetcher.close()
