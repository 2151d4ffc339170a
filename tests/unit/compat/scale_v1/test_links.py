from urllib.parse import parse_qs, unquote, urlsplit

from goldsmith.compat.scale_v1.service.links import LINK_MS, LinkedFile, is_signed, signed_url

FILE = LinkedFile("wsp_a", "ab" * 32, "über/a&b.png", "image/png")
NOW_MS = 1_700_000_000_000


def parts_of(url: str) -> tuple[LinkedFile, str, int]:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    sha256, name = parts.path.split("/")[-2:]
    file = LinkedFile(query["workspace"], sha256, unquote(name), query["type"])
    return file, query["signature"], int(query["expires"])


def test_a_link_leads_to_its_file_for_a_week() -> None:
    url = signed_url(FILE, base_url="https://x.example/", secret="s", now_ms=NOW_MS)
    assert url.startswith("https://x.example/v1/files/linked/")
    file, signature, expires_ms = parts_of(url)
    assert file == FILE
    good = {"signature": signature, "expires_ms": expires_ms, "secret": "s"}
    assert is_signed(file, **good, now_ms=NOW_MS)
    assert is_signed(file, **good, now_ms=NOW_MS + LINK_MS)
    assert not is_signed(file, **good, now_ms=NOW_MS + LINK_MS + 3_600_001)


def test_nothing_of_it_can_be_changed() -> None:
    _, signature, expires_ms = parts_of(signed_url(FILE, base_url="", secret="s", now_ms=NOW_MS))
    for other in (
        FILE._replace(workspace_id="wsp_b"),
        FILE._replace(sha256="cd" * 32),
        FILE._replace(name="b.png"),
        FILE._replace(media_type="text/html"),
    ):
        assert not is_signed(other, signature=signature, expires_ms=expires_ms, secret="s", now_ms=NOW_MS)
    assert not is_signed(FILE, signature=signature, expires_ms=expires_ms + 1, secret="s", now_ms=NOW_MS)
    assert not is_signed(FILE, signature=signature, expires_ms=expires_ms, secret="t", now_ms=NOW_MS)
    assert not is_signed(FILE, signature="", expires_ms=expires_ms, secret="", now_ms=NOW_MS)


def test_links_are_alike_within_an_hour() -> None:
    begin_ms = NOW_MS // 3_600_000 * 3_600_000
    urls = {signed_url(FILE, base_url="", secret="s", now_ms=begin_ms + later) for later in (0, 1, 3_599_999)}
    assert len(urls) == 1
