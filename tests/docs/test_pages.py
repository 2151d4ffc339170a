"""Links lead somewhere, pictures are small, and no tracked file speaks of where it was written."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from PIL import Image

from tests.docs.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# places on the machine of whoever wrote a file: this checkout, what lies beside it, the home folder, temporary files
_BESIDE = [path for path in ROOT.parent.iterdir() if len(path.parts) > 2]
_HERE = [ROOT, *_BESIDE, Path.home(), Path(tempfile.gettempdir())]
_INSIDE = re.compile("|".join([r"/(home|Users)/\w+/", *(rf"{re.escape(str(path))}/\w" for path in _HERE)]))
_MAX_PICTURE_BYTES = 250_000


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(_FENCED.sub("", page.read_text())):
        name, _, anchor = link.partition("#")
        if re.match(r"^(https?|mailto):", name):
            continue
        target = (page.parent / name).resolve() if name else page
        headings = _HEADING.findall(target.read_text()) if anchor and target.suffix == ".md" else []
        if not target.exists() or (anchor and anchor not in map(_anchor, headings)):
            broken.append(link)
    assert broken == []


def test_every_page_is_reached_from_the_first() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        names = (link.partition("#")[0] for link in _LINK.findall(page.read_text()))
        waiting += [(page.parent / name).resolve() for name in names if name and "://" not in name]
    assert sorted(set((ROOT / "docs").rglob("*.md")) - seen) == []


@pytest.mark.parametrize("picture", sorted((ROOT / "docs/images").glob("*.png")), ids=lambda path: path.stem)
def test_pictures_are_small_and_shown(picture: Path) -> None:
    assert picture.stat().st_size < _MAX_PICTURE_BYTES
    with Image.open(picture) as opened:
        assert opened.size == (1280, 720)
    assert any(picture.name in page.read_text() for page in PAGES)


def test_the_project_speaks_of_itself_alone() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a clone")
    found = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if not path.is_file() or path.suffix in (".png", ".jpg", ".onnx", ".parquet"):
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if _INSIDE.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert found == []
