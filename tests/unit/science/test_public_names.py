"""The room is a library: every name that it offers says what it takes and gives, by example too; it needs no server."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

import goldsmith.science

ROOMS = sorted(module.name for module in pkgutil.iter_modules(goldsmith.science.__path__))
HEAVY = {
    "scipy",
    "torch",
    "onnxruntime",
    "sqlalchemy",
    "fastapi",
    "pydantic",
    "pyarrow",
    "PIL",
    "starlette",
    "uvicorn",
}


def public() -> Iterator[tuple[str, object]]:
    """What each room lists in ``__all__``, and what a room of one file defines under a plain name."""
    for room in ROOMS:
        module = importlib.import_module(f"goldsmith.science.{room}")
        listed = getattr(module, "__all__", None)
        for name in listed if listed is not None else sorted(vars(module)):
            thing = getattr(module, name)
            own = str(getattr(thing, "__module__", "")).startswith(module.__name__)
            if own and not name.startswith("_") and (inspect.isfunction(thing) or inspect.isclass(thing)):
                yield f"{room}.{name}", thing


PUBLIC = dict(public())
FUNCTIONS = {name: thing for name, thing in PUBLIC.items() if inspect.isfunction(thing)}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_described(name: str) -> None:
    thing = PUBLIC[name]
    assert (thing.__doc__ or "").strip(), f"{name} has no docstring"
    if inspect.isclass(thing):
        for attribute, value in vars(thing).items():
            is_method = inspect.isfunction(getattr(value, "__func__", value))
            if is_method and not attribute.startswith("_"):
                assert inspect.getdoc(getattr(thing, attribute)), f"{name}.{attribute} has no docstring"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_tells_its_arguments_and_has_an_example(name: str) -> None:
    function = FUNCTIONS[name]
    text = inspect.getdoc(function) or ""
    assert ">>>" in text, f"{name} has no example"
    parameters = list(inspect.signature(function).parameters)
    told = all(re.search(rf"\b{re.escape(parameter)}\b", text) for parameter in parameters)
    assert told or len(parameters) <= 3, f"the docstring of {name} does not speak of all of {parameters}"


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_imported_alone_and_lean(room: str) -> None:
    code = (
        f"from goldsmith.science import {room}\nimport sys\n"
        f"found = {sorted(HEAVY)!r}\n"
        "loaded = sorted(set(found) & set(sys.modules))\n"
        "ours = sorted(name for name in sys.modules if name.startswith('goldsmith.')\n"
        "              and not name.startswith(('goldsmith.science', 'goldsmith.core')))\n"
        "sys.exit(' '.join(loaded + ours) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
