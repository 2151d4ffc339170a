"""The examples of the pages run as they stand, one page after the other, each in a folder of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from goldsmith.accounts.api import check_signature
from goldsmith.accounts.policy import sign_delivery
from tests.docs.conftest import ROOT

DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```(\w*) ?([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SETUPS = {
    "": "",
    "project": "project=$(goldsmith project create Streets | cut -d' ' -f1)\n",
    "labelled": "project=$(goldsmith project create Streets | cut -d' ' -f1)\n"
    'goldsmith import streets --project "$project" --labels-as accepted\n',
}
"""What a page takes for granted before its first example."""


class Block(NamedTuple):
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def setup(self) -> str:
        return next((word.removeprefix("setup=") for word in self.words if word.startswith("setup=")), "")


def blocks_of(page: Path) -> list[Block]:
    return [
        Block(language, tuple(words.split()), text)
        for language, words, text in _BLOCK.findall(page.read_text())
    ]


def runnable(page: Path) -> list[Block]:
    return [block for block in blocks_of(page) if "run" in block.words]


PAGES = sorted(page for page in [ROOT / "README.md", *DOCS.rglob("*.md")] if runnable(page))
ON_SERVER = [page for page in PAGES if runnable(page)[0].setup == "server"]
ALONE = [page for page in PAGES if page not in ON_SERVER]


def run(command: list[str], *, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("page", ALONE, ids=lambda page: page.stem)
def test_the_examples_run(page: Path, workplace: Path, environment: dict[str, str]) -> None:
    blocks = runnable(page)
    shell = "".join(block.text for block in blocks if block.language == "bash")
    if shell:
        script = f"set -euo pipefail\n{SETUPS[blocks[0].setup]}{shell}"
        run(["bash", "-c", script], folder=workplace, environment=environment)
    for block in blocks:
        if block.language == "python":
            run([sys.executable, "-c", block.text], folder=workplace, environment=environment)


@pytest.mark.parametrize("page", ON_SERVER, ids=lambda page: page.stem)
def test_the_examples_run_against_a_server(
    page: Path, served: tuple[str, str], workplace: Path, environment: dict[str, str]
) -> None:
    url, key = served
    for block in runnable(page):
        text = block.text.replace("http://127.0.0.1:8400", url).replace("gsk_your_key", key)
        assert text != block.text
        run([sys.executable, "-c", text], folder=workplace, environment=environment)


def test_enough_is_run() -> None:
    assert {page.stem for page in PAGES} >= {
        "first-loop",
        "import",
        "cut-a-dataset",
        "backup-and-restore",
        "webhooks",
        "python-client",
    }


def test_the_receiver_of_the_webhooks_page_knows_our_signature() -> None:
    (block,) = runnable(DOCS / "how-to" / "webhooks.md")
    names: dict[str, object] = {}
    exec(block.text, names)
    is_genuine = names["is_genuine"]
    assert callable(is_genuine)
    header = sign_delivery(secret="whsec", timestamp_s=1_000_000, body=b"{}")
    for body, now_s in ((b"{}", 1_000_010), (b"{ }", 1_000_010), (b"{}", 1_000_400)):
        ours = check_signature(secret="whsec", header=header, body=body, now_s=now_s)
        assert is_genuine("whsec", header, body, now_s) is ours


def test_python_blocks_are_python() -> None:
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for block in blocks_of(page):
            if block.language == "python":
                compile(block.text, str(page), "exec")
