"""Sockets and URLs of the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldsmith.core.errors import ConflictError, InvalidInputError
from goldsmith.platform.settings import Settings
from goldsmith.server.serving import listen, make_config, url_of


def test_port_zero_takes_a_free_one_and_the_url_names_it() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        assert url_of(listening, Settings(port=0)) == f"http://127.0.0.1:{port}"
        assert (
            url_of(listening, Settings(port=0, public_url="https://gold.example/")) == "https://gold.example"
        )
        assert url_of(listening, Settings(host="0.0.0.0")) == f"http://127.0.0.1:{port}"


def test_a_taken_port_is_told() -> None:
    with listen("127.0.0.1", 0) as listening, pytest.raises(ConflictError, match="--port"):
        listen("127.0.0.1", listening.getsockname()[1])


def test_a_foreign_host_is_told() -> None:
    with pytest.raises(InvalidInputError, match="cannot listen"):
        listen("192.0.2.1", 0)


def test_a_proxy_is_believed_only_where_people_type_another_url(tmp_path: Path) -> None:
    async def application(scope: object, receive: object, send: object) -> None: ...

    assert not make_config(application, Settings()).proxy_headers
    config = make_config(application, Settings(public_url="https://gold.example"))
    assert config.proxy_headers
    assert config.forwarded_allow_ips == "127.0.0.1,::1"
