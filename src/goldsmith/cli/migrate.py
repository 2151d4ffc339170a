"""Moving house from the command line."""

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from goldsmith.cli.session import DataOption, JsonOption, WorkspaceOption, errors, opened
from goldsmith.compat.migration.house import ScaleHouse
from goldsmith.compat.migration.moving import Move, plan_of
from goldsmith.compat.migration.source import MAX_FILE_BYTES, Source
from goldsmith.compat.migration.types import Left, Report

commands = typer.Typer(help="Move what another place has into this installation.", no_args_is_help=True)


@commands.callback()
def migrate() -> None:
    """Move what another place has into this installation."""


@commands.command()
def scale(
    from_url: Annotated[str, typer.Option("--from", help="Such as https://api.scale.com.")],
    key: Annotated[
        str, typer.Option(help="An API key of the account there.", envvar="SCALE_API_KEY", show_envvar=True)
    ],
    to_project_prefix: Annotated[str, typer.Option(help="Put before the names of the projects here.")] = "",
    quality_tasks: Annotated[
        typer.FileText | None,
        typer.Option(
            help="A file with ids of evaluation and training tasks, one a line, where they cannot be listed."
        ),
    ] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy projects, batches, people, tasks, answers and files of a place that speaks Scale's task API.

    Run it again to go on after an interruption, or to bring what is new; nothing comes twice.
    """
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        machine = session.app.machine
        source = Source(
            from_url, key, fetch=lambda url: machine.fetcher.get(url, max_bytes=MAX_FILE_BYTES).content
        )
        plan = plan_of(
            workspace_id=session.access.workspace_id,
            actor=session.access.member_id,
            source=source,
            prefix=to_project_prefix,
            quality_task_ids=[] if quality_tasks is None else quality_tasks.read().split(),
        )
        house = ScaleHouse(machine, session.app.scale, session.access)
        bars = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*bars, console=errors, transient=True, disable=as_json) as progress:
            bar = progress.add_task("projects", total=None)

            def tell(what: str, done: int, total: int) -> None:
                progress.update(bar, description=what, completed=done, total=total)

            try:
                report = Move(machine, source, house, plan, progress=tell).run()
            except BaseException:  # the next run does not invite again, and nobody can read the links then
                for line in _links(house.invitations()):
                    errors.print(line, soft_wrap=True, markup=False)
                raise
            finally:
                source.close()
        session.show(report, _told(report))
    if not report.is_whole:
        raise typer.Exit(3)


def _told(report: Report) -> str:
    lines = [f"moved from {report.source}", ""]
    lines.append(f"{'':10}{'there':>10}{'here':>10}{'left':>10}{'equal':>10}{'different':>11}")
    for kind, tally in report.tallies.items():
        numbers = f"{tally.there:10}{tally.here:10}{tally.left:10}{tally.equal:10}{tally.different:11}"
        lines.append(f"{kind:10}{numbers}")
    for title, entries in (("Not moved", report.left), ("Not the same at both ends", report.different)):
        if entries:
            lines += ["", f"{title}:", *map(_line, entries)]
    lines += _links(report.invitations)
    lines += ["", "Never told to a client, so not moved:", *(f"  {entry}" for entry in report.never_asked)]
    return "\n".join(lines)


def _links(invitations: Mapping[str, str]) -> list[str]:
    if not invitations:
        return []
    return [
        "",
        "Invited; each link brings in one, once:",
        *(f"  {who}: {url}" for who, url in invitations.items()),
    ]


def _line(entry: Left) -> str:
    return f"  {entry.kind} {entry.name}: {entry.reason}"
