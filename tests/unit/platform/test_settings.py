from __future__ import annotations

from pathlib import Path

import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.platform.settings import Settings, describe_settings, load_settings, unknown_variables


def test_flags_win_over_variables_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "goldsmith.toml"
    file.write_text('port = 1\nhost = "from-file"\nsession_days = 3\nfetch_hosts = ["a", "b:80"]\n')
    monkeypatch.setenv("GOLDSMITH_PORT", "2")
    monkeypatch.setenv("GOLDSMITH_HOST", "from-variable")
    monkeypatch.setenv("GOLDSMITH_BLOB_OPTIONS__REGION", "eu")
    settings = load_settings(config_file=file, port=3, host=None)
    assert (settings.port, settings.host, settings.session_days) == (3, "from-variable", 3)
    assert settings.fetch_hosts == ["a", "b:80"]
    assert settings.blob_options == {"region": "eu"}
    assert type(settings) is Settings


def test_defaults_keep_everything_in_the_data_folder(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, port=8401)
    assert settings.resolved_database_url() == f"sqlite:///{tmp_path}/goldsmith.db"
    assert settings.resolved_blob_url() == f"file://{tmp_path}/blobs"
    assert settings.resolved_public_url() == "http://127.0.0.1:8401"
    assert load_settings(data_dir="~/x").data_dir == Path.home() / "x"
    assert load_settings(public_url="https://label.example/").resolved_public_url() == "https://label.example"


@pytest.mark.parametrize(
    "flags", [{"port": 70000}, {"nonsense": 1}, {"public_url": "javascript:alert(1)"}, {"engine": "spark"}]
)
def test_what_does_not_hold_is_named(flags: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError, match=next(iter(flags))) as refused:
        load_settings(**flags)
    assert refused.value.faults[0].where == next(iter(flags))


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="is not there"):
        load_settings(config_file=tmp_path / "none.toml")
    file = tmp_path / "bad.toml"
    file.write_text("port = [")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        load_settings(config_file=file)
    file.write_text("prot = 1")
    with pytest.raises(InvalidInputError, match="prot"):
        load_settings(config_file=file)


def test_misspelt_variables_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLDSMITH_PROT", "1")
    monkeypatch.setenv("GOLDSMITH_PORT", "1")
    monkeypatch.setenv("GOLDSMITH_BLOB_OPTIONS__REGION", "eu")
    monkeypatch.setenv("GOLDSMITH_TEST_DATA", "data")
    named = {"GOLDSMITH_PORT", "GOLDSMITH_BLOB_OPTIONS__REGION", "GOLDSMITH_TEST_DATA"}
    assert "GOLDSMITH_PROT" in unknown_variables()
    assert not named & set(unknown_variables())


def test_secrets_are_not_shown() -> None:
    options = {"secret_access_key": "geheim", "region": "eu"}
    shown = load_settings(
        database_url="postgresql://me:geheim@host/name", blob_options=options, smtp_password="geheim"
    ).shown()
    assert "geheim" not in str(shown)
    assert shown["database_url"] == "postgresql://me:***@host/name"
    assert shown["blob_options"]["region"] == "eu"


@pytest.mark.parametrize(
    "sender", ["", "Us <us@example.org>", "a:b@c", "jürgen@exämple.org", "a@b\r\nBcc: c@d"]
)
def test_mail_comes_from_one_plain_address(tmp_path: Path, sender: str) -> None:
    assert load_settings(data_dir=tmp_path, smtp_sender=sender).smtp_host == ""
    with pytest.raises(InvalidInputError, match="smtp_sender"):
        load_settings(data_dir=tmp_path, smtp_host="mail.example.org", smtp_sender=sender)


def test_every_setting_is_described() -> None:
    described = describe_settings()
    assert [entry.name for entry in described] == list(Settings.model_fields)
    assert all(entry.description.endswith(".") for entry in described)
    assert next(entry for entry in described if entry.name == "engine").type_name == "pool or ray"
