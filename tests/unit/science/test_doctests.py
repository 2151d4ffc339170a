"""Every example in the docstrings holds, and the room starts lean."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import goldsmith.science

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(goldsmith.science.__path__, prefix="goldsmith.science.")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_importing_the_room_loads_neither_scipy_nor_anything_of_the_server() -> None:
    code = (
        f"import sys, importlib\nfor name in {MODULES!r}: importlib.import_module(name)\n"
        "heavy = {'scipy', 'torch', 'sqlalchemy', 'fastapi', 'pydantic', 'pyarrow'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
