"""What every command shares: the settings, the opened app, who it acts as, and how it tells."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from goldsmith.accounts.api import Access, operator_access
from goldsmith.app import App, open_app
from goldsmith.core.errors import ConflictError, GoldsmithError
from goldsmith.platform.database import Transaction
from goldsmith.platform.jobs import JobView
from goldsmith.platform.settings import load_settings

T = TypeVar("T")
_POLL_S: Final = 0.2

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the installation; GOLDSMITH_DATA_DIR or .goldsmith by default."),
]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="TOML file with settings.")]
WorkspaceOption = Annotated[
    str | None, typer.Option("--workspace", help="Name or id of the workspace; not needed when there is one.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]

console = Console()
errors = Console(stderr=True)


@dataclass(frozen=True)
class Session:
    """A command at work on an installation.

    Attributes:
        app: Every step, wired.
        access: The owner it acts as.
        as_json: Whether to print JSON.
    """

    app: App
    access: Access
    as_json: bool

    def read(self, operation: Callable[[Transaction], T]) -> T:
        """Run a read."""
        return self.app.machine.database.read_sync(operation)

    def write(self, operation: Callable[[Transaction], T]) -> T:
        """Run a write."""
        return self.app.machine.database.write_sync(operation)

    def finish_job(self, job_id: str) -> JobView:
        """Work until a job is done, here or wherever a server or worker runs it, with a bar.

        Raises:
            ConflictError: It failed or was cancelled.
        """
        jobs = self.app.machine.jobs
        jobs.start(1)
        try:
            with Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TimeRemainingColumn(),
                console=errors,
                transient=True,
                disable=self.as_json,
            ) as progress:
                bar = progress.add_task("waiting", total=None)
                while (view := self.read(lambda tx: jobs.get(tx, job_id))).state.is_open:
                    progress.update(bar, completed=view.done, total=view.total, description=view.message)
                    time.sleep(_POLL_S)
        finally:
            jobs.stop()
        if view.state != "done":
            reason = "" if view.error is None else f": {view.error.detail}"
            raise ConflictError(f"the job {view.kind} {view.state}{reason}")
        return view

    def show(self, value: Any, text: str | None = None) -> None:
        """Print a result: JSON when asked, else the text."""
        if self.as_json or text is None:
            console.print_json(json.dumps(_plain(value)))
        else:
            console.print(text, soft_wrap=True, highlight=False, markup=False)

    def show_rows(self, rows: list[dict[str, Any]], *, columns: list[str]) -> None:
        """Print rows: JSON when asked, else a table."""
        if self.as_json:
            console.print_json(json.dumps(_plain(rows)))
            return
        table = Table(*(Column(name, overflow="fold") for name in columns))
        for row in rows:
            table.add_row(*(escape(str(row[column])) for column in columns))
        console.print(table)


@contextmanager
def opened(
    *,
    data: Path | None,
    config: Path | None = None,
    workspace: str | None = None,
    as_json: bool = False,
    import_roots: list[Path] | None = None,
) -> Iterator[Session]:
    """Open an installation for one command; what goes wrong is told in one line and exits with 1."""
    with told():
        app = open_app(load_settings(config_file=config, data_dir=data, import_roots=import_roots))
        try:
            access = app.machine.database.read_sync(lambda tx: operator_access(tx, workspace=workspace))
            yield Session(app, access, as_json)
        finally:
            app.close()


@contextmanager
def told() -> Iterator[None]:
    """Tell an error of ours as a sentence, without a trace."""
    try:
        yield
    except GoldsmithError as error:
        errors.print(f"[red]{error.title}:[/] {escape(error.detail)}", highlight=False)
        for fault in error.faults:
            errors.print(f"  {fault.where}: {fault.what}", highlight=False, markup=False)
        raise typer.Exit(1) from None
    except ValidationError as error:
        errors.print("[red]Invalid input[/]")
        for entry in error.errors():
            where = ".".join(str(part) for part in entry["loc"]) or "value"
            errors.print(f"  {where}: {entry['msg']}", highlight=False, markup=False)
        raise typer.Exit(1) from None
    except OSError as error:
        errors.print(f"[red]{type(error).__name__}:[/] {escape(str(error))}", highlight=False)
        raise typer.Exit(1) from None


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value
