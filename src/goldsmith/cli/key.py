"""API keys from the command line."""

from typing import Annotated, Literal

import typer

from goldsmith.cli.session import DataOption, JsonOption, console, opened

commands = typer.Typer(help="API keys.", no_args_is_help=True)


@commands.command()
def create(
    workspace: Annotated[str, typer.Option(help="Name or id of the workspace.")],
    member: Annotated[str, typer.Option(help="E-mail address of the member it acts for.")],
    name: Annotated[str, typer.Option(help="To recognise it by.")] = "command line",
    test_mode: Annotated[bool, typer.Option("--test-mode", help="A key for tests.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, this once."""
    mode: Literal["live", "test"] = "test" if test_mode else "live"
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        made = session.write(
            lambda tx: session.app.accounts.create_key(tx, workspace, member, name=name, mode=mode)
        )
        if as_json:
            session.show(made)
        else:
            console.print(made.secret, soft_wrap=True, highlight=False)
