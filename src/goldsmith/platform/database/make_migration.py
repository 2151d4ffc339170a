"""Writes the next revision of the schema: ``python -m goldsmith.platform.database.make_migration -m "what changes"``.

The tables are those that importing ``--tables`` registers; by default the composition root, which knows every step.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

from goldsmith.core.errors import GoldsmithError
from goldsmith.platform.database.schema import metadata
from goldsmith.platform.database.upgrading import write_revision


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(description="Write the next revision of the schema.")
    parser.add_argument(
        "-m", "--message", required=True, help='what changes, such as "reviews keep their time"'
    )
    parser.add_argument("--tables", default="goldsmith.app", help="module whose import registers all tables")
    given = parser.parse_args(arguments)
    importlib.import_module(given.tables)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = write_revision(metadata, message=given.message, folder=Path(folder))
    except GoldsmithError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    for command in (["check", "--fix"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, "--quiet", str(path)], check=False)  # noqa: S603
    sys.stdout.write(f"{path}\nread it, complete what a generator cannot know, and run the tests\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
