"""The reference says all there is, and says it as the code does."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from goldsmith.app import open_app
from goldsmith.core.errors import GoldsmithError
from goldsmith.formats.registry import FORMATS
from goldsmith.platform.settings import Settings
from tests.docs.conftest import ROOT

REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_what_the_code_says(generate: ModuleType) -> None:
    pages = generate.render()
    # the page of keys is made from the workbench, and held by its tests
    assert {path.name for path in REFERENCE.iterdir()} - {"keys.md"} == set(pages)
    behind = [name for name, text in pages.items() if (REFERENCE / name).read_text() != text]
    assert behind == [], "run: python docs/generate.py"


def test_every_setting_is_there() -> None:
    text = (REFERENCE / "settings.md").read_text()
    assert [
        name for name in Settings.model_fields if f"| `{name}` | `GOLDSMITH_{name.upper()}` |" not in text
    ] == []


def test_every_command_is_there(generate: ModuleType) -> None:
    text = (REFERENCE / "cli.md").read_text()
    paths = [path for path, _ in generate.commands()]
    assert {"goldsmith up", "goldsmith demo", "goldsmith key create", "goldsmith doctor"} <= set(paths)
    assert [path for path in paths if f"\n## {path}\n" not in text] == []


def test_every_error_code_is_there() -> None:
    def kinds(kind: type[GoldsmithError]) -> Iterator[type[GoldsmithError]]:
        for inner in kind.__subclasses__():
            if inner.__module__ == "goldsmith.core.errors":
                yield inner
                yield from kinds(inner)

    text = (REFERENCE / "errors.md").read_text()
    assert [
        kind.code for kind in kinds(GoldsmithError) if f"`{kind.code}` | {kind.status} |" not in text
    ] == []


def test_every_route_is_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = open_app(Settings(data_dir=tmp_path_factory.mktemp("routes"), job_threads=0))
    try:
        document = app.application(runs_jobs=False).openapi()
    finally:
        app.close()
    text = (REFERENCE / "http-api.md").read_text()
    routes = [f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods]
    assert len(routes) > 80
    assert [route for route in routes if f"`{route}`" not in text] == []


def test_every_format_is_there_with_its_losses(generate: ModuleType) -> None:
    text = (REFERENCE / "formats.md").read_text()
    for name in FORMATS:
        assert f"| `{name}` |" in text
        assert all(f"`{loss}`" in text for loss in generate.written_losses(name))


def test_every_key_of_the_workbench_is_on_its_page() -> None:
    preset = (ROOT / "web/src/engine/keys/presets.ts").read_text().split("keys: {", 1)[1]
    chords = {
        chord for keys in re.findall(r'": \[([^\]]+)\]', preset) for chord in re.findall(r'"([^"]+)"', keys)
    }
    assert len(chords) > 40
    text = (ROOT / "docs/reference/keys.md").read_text()
    assert sorted(chord for chord in chords if f"`{chord}`" not in text) == []
