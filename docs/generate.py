# ruff: noqa: INP001  a script beside the pages it writes, no package
"""Writes docs/reference from the code itself.

    python docs/generate.py            write the pages
    python docs/generate.py --check    say which pages are behind the code, and exit with 1 when one is

A page holds what the code states of itself: the docstring of a setting, the help of a command, the class of an error,
the guard of a route, what a format drops when it is made to write a sample that has everything.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, Final, get_args

import typer
from typer.models import ArgumentInfo, CommandInfo, OptionInfo

from goldsmith.app import open_app
from goldsmith.cli.main import application
from goldsmith.core import errors
from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.errors import GoldsmithError
from goldsmith.core.geometry import AnyShape
from goldsmith.core.geometry.conversions import TARGETS
from goldsmith.core.ontology import Attribute, LabelClass, Ontology
from goldsmith.formats.coco import segments as coco_segments
from goldsmith.formats.coco import shapes as coco_shapes
from goldsmith.formats.cvat import shapes as cvat_shapes
from goldsmith.formats.cvat import tags as cvat_tags
from goldsmith.formats.labelme import shapes as labelme_shapes
from goldsmith.formats.labelstudio import answers as labelstudio_answers
from goldsmith.formats.labelstudio import regions as labelstudio_regions
from goldsmith.formats.masks import layout as masks_layout
from goldsmith.formats.registry import FORMATS
from goldsmith.formats.targets import FolderTarget
from goldsmith.formats.types import LossReport, Sample
from goldsmith.formats.yolo import lines as yolo_lines
from goldsmith.platform.settings import Settings, describe_settings
from goldsmith.server.application import stated_guard

FOLDER: Final = Path(__file__).parent / "reference"
FORMAT_NOTES: Final = {
    "COCO, read": (coco_shapes,),
    "COCO, written": (coco_segments,),
    "YOLO": (yolo_lines,),
    "PNG masks": (masks_layout,),
    "CVAT for images": (cvat_shapes, cvat_tags),
    "LabelMe": (labelme_shapes,),
    "Label Studio": (labelstudio_regions, labelstudio_answers),
}
_PLACES: Final = ((10.0, 10.0), (40.0, 12.0), (20.0, 30.0))
EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "box": {"kind": "box", "box_xyxy": (10.25, 20.5, 50.75, 60.0)},
    "polygon": {"kind": "polygon", "rings": [_PLACES, ((20.0, 15.0), (25.0, 15.0), (22.0, 20.0))]},
    "rotated_box": {"kind": "rotated_box", "center_xy": (50, 40), "size_wh": (20, 10), "angle_deg": 30},
    "polyline": {"kind": "polyline", "points": _PLACES},
    "bezier": {
        "kind": "bezier",
        "nodes": [{"at": at, "handle_in": at, "handle_out": (at[0] + 3, at[1] + 4)} for at in _PLACES],
        "is_closed": True,
    },
    "mask": {"kind": "mask", "origin_xy": (3, 4), "size_wh": (3, 2), "runs": [0, 2, 1, 1, 1, 1]},
    "ellipse": {"kind": "ellipse", "center_xy": (50, 40), "radii_xy": (10, 6), "angle_deg": 40},
    "point": {"kind": "point", "point_xy": (5, 6)},
    "skeleton": {
        "kind": "skeleton",
        "nodes": [{"node_id": f"node-{place}", "at": at} for place, at in enumerate(_PLACES)],
    },
    "span": {"kind": "span", "start": 3, "end": 9},
    "cuboid": {
        "kind": "cuboid",
        "corners": [(5, 10), (25, 10), (25, 30), (5, 30), (10, 5), (30, 5), (30, 25), (10, 25)],
    },
}
NOTE: Final = "<!-- Written by docs/generate.py from the code; edit the code, then run it. -->"
STEPS: Final = (
    "operations", "accounts", "projects", "items", "labelling", "quality", "datasets", "training",
    "evaluation", "lineage", "callbacks",
)  # fmt: skip
SETTING_TYPES: Final = {
    "Path": "path",
    "str": "text",
    "int": "number",
    "dict[str, str]": "table of texts",
    "list[str]": "list of texts",
    "list[Path]": "list of paths",
}


def render() -> dict[str, str]:
    """Return all pages, by the name of their file."""
    return {
        "settings.md": settings_page(),
        "cli.md": cli_page(),
        "errors.md": errors_page(),
        "http-api.md": api_page(),
        "formats.md": formats_page(),
        "shapes.md": shapes_page(),
    }


# --- settings


def settings_page() -> str:
    """All settings with their variables, types and defaults."""
    rows = [
        (
            f"`{entry.name}`",
            f"`{entry.variable}`",
            SETTING_TYPES.get(entry.type_name, entry.type_name),
            _code(entry.default),
            entry.description.replace("``", "`"),
        )
        for entry in describe_settings()
    ]
    return _page(
        "Settings",
        "A flag wins over a `GOLDSMITH_*` variable, a variable over the file given by `--config` (TOML, with the names "
        "of the first column), the file over the default. Lists and tables are JSON in a variable; a value inside a "
        "table is also set by two underscores: `GOLDSMITH_BLOB_OPTIONS__REGION=eu-central-1`. `goldsmith doctor` names "
        "variables that it does not know.\n",
        _table(("name", "variable", "type", "default", "meaning"), rows),
    )


# --- command line


def cli_page() -> str:
    """All commands with their arguments and options, as their own help says them."""
    blocks = [_command_block(path, command) for path, command in commands()]
    return _page(
        "Command line",
        "Commands act on the installation in `--data` (else `GOLDSMITH_DATA_DIR`, else `.goldsmith`), whether a "
        "server runs on it or not. `--json` prints JSON and no bars. A command that fails says why in a sentence "
        "and exits with 1; one that is used wrongly exits with 2.\n",
        *blocks,
    )


def commands(inside: typer.Typer = application, path: str = "goldsmith") -> Iterator[tuple[str, CommandInfo]]:
    """Yield (what is typed, command) for every command that does something."""
    found = {entry.name or _callback(entry).__name__: entry for entry in inside.registered_commands}
    groups = {str(group.name): group.typer_instance for group in inside.registered_groups}
    for name in sorted([*found, *groups]):
        if name in found:
            yield f"{path} {name}", found[name]
        elif (group := groups[name]) is not None:
            yield from commands(group, f"{path} {name}")


def _callback(command: CommandInfo) -> Callable[..., Any]:
    assert command.callback is not None
    return command.callback


def _command_block(path: str, command: CommandInfo) -> str:
    given = inspect.signature(_callback(command), eval_str=True).parameters.values()
    arguments = [entry for entry in given if not isinstance(_told(entry), OptionInfo)]
    options = [entry for entry in given if isinstance(_told(entry), OptionInfo)]
    usage = " ".join(
        [path, *(entry.name.upper() for entry in arguments), *(["[OPTIONS]"] if options else [])]
    )
    rows = [(f"`{entry.name.upper()}`", _type(entry), "", _help(entry)) for entry in arguments]
    rows += [(f"`{_flags(entry)}`", _type(entry), _default(entry), _help(entry)) for entry in options]
    text = f"## {path}\n\n    {usage}\n\n{_first_paragraph(_callback(command).__doc__)}\n"
    return text + ("\n" + _table(("", "type", "default", ""), rows) if rows else "")


def _told(parameter: inspect.Parameter) -> OptionInfo | ArgumentInfo | None:
    """Return what the signature says of a parameter; plain ones are arguments."""
    entries = getattr(parameter.annotation, "__metadata__", ())
    return next((entry for entry in entries if isinstance(entry, OptionInfo | ArgumentInfo)), None)


def _help(parameter: inspect.Parameter) -> str:
    told = _told(parameter)
    return "" if told is None else told.help or ""


def _flags(parameter: inspect.Parameter) -> str:
    told = _told(parameter)
    if told is not None and isinstance(
        told.default, str
    ):  # inside Annotated, Typer keeps the first flag there
        return ", ".join([told.default, *(told.param_decls or ())])
    name = parameter.name.replace("_", "-")
    return f"--{name}/--no-{name}" if "bool" in _type_words(parameter) else f"--{name}"


def _type(parameter: inspect.Parameter) -> str:
    words = _type_words(parameter)
    if words == ["bool"]:
        return "flag"
    if isinstance(hint := _hint(parameter), type) and issubclass(hint, Enum):
        return " or ".join(str(member.value) for member in hint)
    names = {"Path": "path", "str": "text", "int": "number", "float": "number", "list": "repeatable"}
    return ", ".join(names.get(word, word) for word in words)


def _hint(parameter: inspect.Parameter) -> Any:
    return getattr(parameter.annotation, "__origin__", parameter.annotation)


def _type_words(parameter: inspect.Parameter) -> list[str]:
    hint = _hint(parameter)
    text = hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint)
    words = re.findall(r"[A-Za-z]+", re.sub(r"\w+\.", "", text))
    return [word for word in words if word not in ("None", "Optional", "Union")]


def _default(parameter: inspect.Parameter) -> str:
    value = parameter.default
    if value is inspect.Parameter.empty:
        return "required"
    flags = _flags(parameter).split("/")
    if isinstance(value, bool) and len(flags) == 2:
        return _code(flags[0] if value else flags[1])
    return "" if value is None or value is False else _code(str(value))


# --- errors


def errors_page() -> str:
    """The tree of errors."""
    rows = []
    for depth, kind in _tree(GoldsmithError, 0):
        if kind is not GoldsmithError:
            rows.append(
                (
                    "&emsp;" * (depth - 1) + f"`{kind.code}`",
                    str(kind.status),
                    kind.title,
                    _first_paragraph(kind.__doc__),
                    "yes" if kind.retryable else "no",
                )
            )
    return _page(
        "Errors",
        "Every refusal is a problem document (RFC 9457, `application/problem+json`) with `type`, `title`, `status`, "
        "`code`, a `detail` that says how to mend it, and `errors`, a list of `{where, what}`, when the input held "
        "several faults. Programs decide by `code`; a code stays what it is. An indented code is a kind of the one "
        "above it. *Again* says whether the same request may succeed later.\n",
        _table(("code", "status", "title", "meaning", "again"), rows),
    )


def _tree(kind: type[GoldsmithError], depth: int) -> Iterator[tuple[int, type[GoldsmithError]]]:
    yield depth, kind
    for inner in kind.__subclasses__():
        if inner.__module__ == errors.__name__:
            yield from _tree(inner, depth + 1)


# --- HTTP


def api_page() -> str:
    """All routes with the role they ask for."""
    by_step = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        app = open_app(Settings(data_dir=Path(folder), job_threads=0))
        try:
            for route in app.application(runs_jobs=False).api_routes():
                guard = stated_guard(route)
                role = guard.at_least.value if guard.at_least is not None else _no_role(type(guard).__name__)
                says = _first_paragraph(route.endpoint.__doc__) or f"{_words(route.endpoint.__name__)}."
                for method in sorted(route.methods or ()):
                    step = str(route.tags[0]) if route.tags else _protocol_of(route.path)
                    by_step[step].append((f"`{method} {route.path}`", role, says))
        finally:
            app.close()
    order = sorted(by_step, key=lambda step: STEPS.index(step) if step in STEPS else len(STEPS))
    blocks = [
        f"## {step[:1].upper()}{step[1:]}\n\n{_table(('route', 'at least', ''), by_step[step])}"
        for step in order
    ]
    return _page(
        "HTTP API",
        "Bodies and answers are described by the OpenAPI document of a running server, `/api/v1/openapi.json`; "
        "this page lists what there is and who may use it.\n\n"
        "- **Credentials**: `Authorization: Bearer gsk_...`, or the session cookie with `X-CSRF-Token` on writes.\n"
        "- **Roles**: owner > manager > reviewer > annotator > viewer; a role may do what the ones below it may. "
        "Managers and owners see all projects of the workspace, others those they were added to.\n"
        "- **What is not yours is not there**: another workspace's things answer 404, as do ids that never were.\n"
        "- **Pages**: `?limit=` and `?cursor=`; answers are `{items, next_cursor}`.\n"
        "- **Times** are integers, milliseconds since 1970 UTC, in fields that end in `_ms`. **Coordinates** are "
        "pixels of the upright image, from its top-left corner.\n"
        "- **Long work** answers with a `job_id`; read `/workspaces/{workspace_id}/jobs/{job_id}` until it is done.\n"
        "- **Scale's task API** has its own form: see [leaving Scale](../how-to/leave-scale.md).\n",
        *blocks,
    )


def _protocol_of(path: str) -> str:
    """Return what a route that is not of goldsmith's own document belongs to."""
    return f"Scale's task API, {path.split('/')[1]}"


def _no_role(guard: str) -> str:
    return {"Public": "anybody", "SignedIn": "signed in"}.get(guard, guard.lower())


def _words(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


# --- formats


def formats_page() -> str:
    """What each format holds, what becomes of the rest, and how the formats write shapes."""
    held = (
        ("attributes", "has_attributes"),
        ("occluded, truncated", "has_flags"),
        ("groups of objects", "has_object_groups"),
        ("scores", "has_scores"),
        ("splits", "has_splits"),
        ("metadata", "has_metadata"),
        ("answers", "has_answers"),
        ("relations", "has_relations"),
    )
    shapes = [
        (_words(kind), *(becomes(name, kind) for name in FORMATS))
        for kind in (shape.model_fields["kind"].default for shape in get_args(AnyShape))
    ]
    rest = [
        (label, *("yes" if getattr(entry.capabilities, name) else "no" for entry in FORMATS.values()))
        for label, name in held
    ]
    losses = [
        (f"`{name}`", ", ".join(f"`{loss}`" for loss in sorted(written_losses(name))) or "nothing")
        for name in FORMATS
    ]
    names = [f"`{name}`" for name in FORMATS]
    return _page(
        "Formats",
        "Formats are read on import (`auto` finds out which) and written on export. A dataset version is also "
        "exported as `goldsmith`: its Parquet table, its manifest and its media, with nothing lost.\n",
        _table(("name", "format"), [(f"`{entry.name}`", entry.title) for entry in FORMATS.values()]),
        "## What is held\n\nA shape that is not held is written as what comes nearest, or left out, and the report of "
        "the export says so. `yolo` is written in one of its variants (`detect`, `segment`, `obb`, `pose`): the one "
        "that is asked for, or that what is drawn asks for.\n",
        _table(("shape", *names), shapes),
        _table(("beside shapes", *names), rest),
        "## What is lost\n\nEach export comes with a report: how many objects or samples lost what, with examples. The "
        "kinds of loss below are what a format reports when it writes one image that has everything: a box with an "
        "attribute, a score, a group and an occlusion mark, one shape of each other kind, answers, metadata, a group "
        "and a split, a name that needs changing, and no media.\n",
        _table(("format", "reported losses"), losses),
        "Reading loses nothing in silence either: what a reader cannot take is listed under the problems of the "
        "import, with the file, the record and the reason, and the rest goes on.\n",
        *(f"## {title}\n\n{_notes_of(*modules)}\n" for title, modules in FORMAT_NOTES.items()),
    )


def becomes(name: str, kind: str) -> str:
    """Return what a format makes of a shape of a kind, as its own report says."""
    told = _write(name, _sample([kind]), None).losses
    for loss in told:
        if loss.endswith("_in_own_key"):
            return "for goldsmith only"
        if loss.endswith("_left_out"):
            return "left out"
        if "_as_" in loss:
            return "as " + _words(loss.partition("_as_")[2]).lower()
    return "yes"


def written_losses(name: str) -> set[str]:
    """Return the kinds of loss a format reports for a sample that has everything."""
    ontology = Ontology(
        classes=[
            LabelClass(
                class_id="car",
                name="Car",
                geometry_kinds=["box", "polygon"],
                attributes=[Attribute(attribute_id="note", name="Note", kind="text")],
            )
        ],
        questions=[Attribute(attribute_id="night", name="Night", kind="boolean")],
    )
    return set(_write(name, _sample(list(EXAMPLES)), ontology).losses)


def _sample(kinds: Sequence[str]) -> Sample:
    """Return an image with a shape of each kind, and with all else when it shows every kind."""
    objects = [
        Annotation.model_validate({"annotation_id": kind, "class_id": "car", "geometry": EXAMPLES[kind]})
        for kind in kinds
    ]
    if len(kinds) < len(EXAMPLES):
        return Sample("street.jpg", 100, 80, Labelling(annotations=objects), split="train")
    rich = {"attributes": {"note": "  parked  "}, "is_occluded": True, "score": 0.75, "group_id": "pair"}
    objects[0] = objects[0].model_copy(update=rich)
    related = Relation(relation_id="near", relation_type_id="near", from_id="box", to_id="polygon")
    labelling = Labelling(annotations=objects, answers={"night": True}, relations=[related])
    weather = {"weather": "rain"}
    return Sample("street: 1.jpg", 100, 80, labelling, metadata=weather, split="train", group="drive-1")


def _notes_of(*modules: ModuleType) -> str:
    return "\n\n".join((inspect.getdoc(module) or "").replace("``", "`") for module in modules)


def _write(name: str, sample: Sample, ontology: Ontology | None) -> LossReport:
    with tempfile.TemporaryDirectory() as folder:
        return FORMATS[name].write([sample], FolderTarget(Path(folder)), ontology=ontology)


# --- pages


# --- shapes


def shapes_page() -> str:
    """All kinds of shapes with their fields, and what each may be redrawn as."""
    blocks = []
    for shape in get_args(AnyShape):
        kind = shape.model_fields["kind"].default
        what, _, fields = (inspect.getdoc(shape) or "").partition("Attributes:\n")
        told = re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", fields.split("\n\n")[0], re.MULTILINE)
        rows = [(f"`{name}`", " ".join(text.split()).replace("``", "`")) for name, text in told]
        becomes = ", ".join(f"`{target}`" for target in TARGETS[kind]) or "nothing else"
        blocks += [f"## {kind}\n\n{what.strip()}\n", _table(("field", "meaning"), rows)]
        blocks.append(f"May be redrawn as, the first losing least: {becomes}.\n")
    return _page(
        "Shapes",
        "The geometry of an annotation is one of these, told apart by `kind`. Coordinates are pixels of the upright "
        "image from its top left corner; pixel (0, 0) covers [0, 1) x [0, 1). Angles turn clockwise on screen. Later "
        "annotations of a labelling lie above earlier ones; those with the same `group_id` belong together.\n",
        *blocks,
    )


def _page(title: str, *parts: str) -> str:
    return "\n".join([NOTE, f"# {title}\n", *parts]).rstrip() + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [_row(header), _row(["---"] * len(header)), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("\n", " ").replace("|", "\\|") for cell in cells) + " |"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _first_paragraph(text: str | None) -> str:
    paragraph = (text or "").strip().split("\n\n", 1)[0]
    return " ".join(paragraph.split()).replace("``", "`")


def main() -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description="Write docs/reference from the code.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 when a page is behind"
    )
    given = parser.parse_args()
    behind = 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in render().items():
        path = FOLDER / name
        if path.is_file() and path.read_text() == text:
            continue
        behind += 1
        if not given.check:
            path.write_text(text)
        sys.stdout.write(f"{'behind' if given.check else 'written'}: {path.name}\n")
    return 1 if given.check and behind else 0


if __name__ == "__main__":
    raise SystemExit(main())
