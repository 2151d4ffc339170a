"""Backup, restore and check-up."""

from pathlib import Path
from typing import Annotated

import typer

from goldsmith.app import migrate, open_app
from goldsmith.cli.session import ConfigOption, DataOption, JsonOption, console, told
from goldsmith.core.ids import SystemClock
from goldsmith.platform.backup import restore_backup, write_backup
from goldsmith.platform.database import metadata
from goldsmith.platform.doctor import examine
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import load_settings


def backup(
    target: Annotated[Path, typer.Argument(help="File to write: NAME.tar, or NAME.tar.zst.")],
    data: DataOption = None,
    config: ConfigOption = None,
    blobs: Annotated[bool, typer.Option("--blobs/--no-blobs", help="Whether media come along.")] = True,
) -> None:
    """Write everything to one file; the server may go on working."""
    with told():
        app = open_app(load_settings(config_file=config, data_dir=data))
        try:
            machine = app.machine
            report = write_backup(
                machine.database,
                machine.blobs,
                metadata,
                target=target,
                now_ms=machine.clock.now_ms(),
                with_blobs=blobs,
            )
        finally:
            app.close()
        console.print(f"{target}: {report}", highlight=False)


def restore(
    source: Annotated[Path, typer.Argument(help="A file that backup wrote.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Put a backup back into an empty installation; it is checked first."""
    with told():
        machine = open_machine(load_settings(config_file=config, data_dir=data))
        try:
            report = restore_backup(source, machine.database, machine.blobs, metadata)
            migrate(machine.database)
        finally:
            machine.close()
        console.print(f"restored: {report}", highlight=False)


def doctor(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Look at the installation and say what is wrong and how to mend it; exits with 1 when something is."""
    with told():
        settings = load_settings(config_file=config, data_dir=data)
        findings = examine(settings, clock=SystemClock())
    if as_json:
        console.print_json(data=[finding.model_dump(mode="json") for finding in findings])
    else:
        for finding in findings:
            mark = {"ok": "[green]ok[/]     ", "warning": "[yellow]warning[/]", "error": "[red]error[/]  "}[
                finding.level
            ]
            console.print(f"{mark} {finding.check}: {finding.message}", highlight=False)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)
