"""The audit log from the command line."""

import typer

from goldsmith.app import open_app
from goldsmith.cli.session import DataOption, JsonOption, console, errors, told
from goldsmith.platform.settings import load_settings

commands = typer.Typer(help="The record of what was done.", no_args_is_help=True)


@commands.command()
def verify(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Check the hash chain of every workspace; exits with 1 when a row was changed, removed or put in."""
    with told():
        app = open_app(load_settings(data_dir=data))
        try:
            reports = app.accounts.verify_all_audits()
        finally:
            app.close()
    is_whole = True
    for report in reports:
        is_whole = is_whole and report.fault is None
        if as_json:
            console.print_json(data=report._asdict())
        elif report.fault is None:
            console.print(f"{report.workspace_id}: {report.rows} rows, whole", highlight=False)
        else:
            errors.print(f"{report.workspace_id}: {report.fault}", highlight=False)
    if not is_whole:
        raise typer.Exit(1)
