"""The lists of formats in the web console are those of the registry."""

from __future__ import annotations

import re
from pathlib import Path

from goldsmith.formats import FORMATS, YOLO_VARIANTS

CONSOLE = Path(__file__).parents[3] / "web" / "src" / "console" / "formats.ts"


def _values(name: str) -> list[str]:
    inside = CONSOLE.read_text().split(f"export const {name} = [", 1)[1].split("]", 1)[0]
    return re.findall(r'value: "([a-z]+)"', inside)


def test_the_console_offers_every_format_once() -> None:
    assert sorted(_values("FORMATS")) == sorted(FORMATS)


def test_the_console_offers_every_variant_of_yolo() -> None:
    assert _values("YOLO_VARIANTS") == list(YOLO_VARIANTS)
