"""The built UI, served from a folder."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from goldsmith.core.errors import NotFoundError
from goldsmith.server.web_ui import WebUi
from tests.unit.server.asgi import call


@pytest.fixture
def ui(tmp_path: Path) -> WebUi:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>ui</title>")
    (folder / "assets" / "app-1a2b3c.js").write_text("let a = 1;\n" * 200)
    (folder / "assets" / "font-9.woff2").write_bytes(b"\x00" * 2000)
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / ".hidden").write_text("no")
    (tmp_path / "secret.txt").write_text("secret")
    return WebUi(folder)


def test_assets_are_kept_for_ever_and_pages_are_asked_for_again(ui: WebUi) -> None:
    asset = call(ui, "/assets/app-1a2b3c.js")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"] == "text/javascript; charset=utf-8"
    page = call(ui, "/")
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert call(ui, "/favicon.svg").headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert call(ui, "/assets/font-9.woff2").headers["content-type"] == "font/woff2"


@pytest.mark.parametrize(
    "path", ["/projects", "/projects/prj_1/tasks", "/setup", "/index.html/x", "/.hidden", "/../secret.txt"]
)
def test_an_address_without_a_file_is_a_page_of_the_ui(ui: WebUi, path: str) -> None:
    assert call(ui, path).body == b"<!doctype html><title>ui</title>"


@pytest.mark.parametrize(
    "path", ["/api/v1/absent", "/assets/absent.js", "/assets/../../secret.txt", "/assets/"]
)
def test_absent_assets_and_routes_are_not_found(ui: WebUi, path: str) -> None:
    with pytest.raises(NotFoundError):
        call(ui, path)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_pages_are_only_read(ui: WebUi, method: str) -> None:
    with pytest.raises(NotFoundError):
        call(ui, "/", method=method)


def test_texts_are_compressed_for_whoever_takes_it(ui: WebUi) -> None:
    plain = call(ui, "/assets/app-1a2b3c.js")
    packed = call(ui, "/assets/app-1a2b3c.js", headers=[("Accept-Encoding", "br, gzip")])
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "accept-encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert int(packed.headers["content-length"]) == len(packed.body) < len(plain.body)
    font = call(ui, "/assets/font-9.woff2", headers=[("Accept-Encoding", "gzip")])
    assert "content-encoding" not in font.headers


def test_what_has_not_changed_is_not_sent_again(ui: WebUi) -> None:
    tag = call(ui, "/").headers["etag"]
    again = call(ui, "/", headers=[("If-None-Match", tag)])
    assert (again.status, again.body) == (304, b"")
    assert call(ui, "/", headers=[("If-None-Match", '"other"')]).status == 200


def test_head_is_get_without_the_body(ui: WebUi) -> None:
    head, get = call(ui, "/", method="HEAD"), call(ui, "/")
    assert (head.status, head.body, head.headers) == (200, b"", get.headers)


def test_without_a_build_a_page_tells_how_to_make_one(tmp_path: Path) -> None:
    ui = WebUi(tmp_path / "absent")
    answer = call(ui, "/projects")
    assert b"make setup" in answer.body
    assert answer.headers["content-type"].startswith("text/html")
    assert call(ui, "/", method="HEAD").body == b""
