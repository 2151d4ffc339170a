"""The goldsmith command."""

import signal
import sys
import threading
from typing import Annotated, Any

import typer

import goldsmith
from goldsmith.app import open_app
from goldsmith.cli import audit, data, demo, keep, key, migrate, models, projects
from goldsmith.cli.session import ConfigOption, DataOption, JsonOption, WorkspaceOption, console, opened, told
from goldsmith.platform.settings import load_settings
from goldsmith.platform.telemetry import configure_logging
from goldsmith.server.serving import serve

application = typer.Typer(
    name="goldsmith",
    help="The open, self-hosted foundation layer of AI development.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
application.add_typer(key.commands, name="key")
application.add_typer(projects.commands, name="project")
application.add_typer(data.datasets, name="dataset")
application.add_typer(audit.commands, name="audit")
application.add_typer(migrate.commands, name="migrate")
application.command("import")(data.import_items)
application.command("export")(data.export_labels)
application.add_typer(models.commands, name="model")
application.command("train")(models.train)
application.command("evaluate")(models.evaluate)
application.command("lineage")(models.lineage)
application.command("demo")(demo.demo)
application.command("backup")(keep.backup)
application.command("restore")(keep.restore)
application.command("doctor")(keep.doctor)


@application.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """The open, self-hosted foundation layer of AI development."""
    if version:
        console.print(goldsmith.__version__)
        raise typer.Exit


@application.command()
def up(
    data: DataOption = None,
    config: ConfigOption = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; loopback unless changed.")] = None,
    public_url: Annotated[str | None, typer.Option(help="The URL people type, behind a proxy.")] = None,
    database_url: Annotated[str | None, typer.Option(help="postgresql://... instead of SQLite.")] = None,
) -> None:
    """Serve the workbench and the API."""
    with told():
        settings = load_settings(
            config_file=config,
            data_dir=data,
            port=port,
            host=host,
            public_url=public_url,
            database_url=database_url,
        )
        configure_logging(settings.log_format)
        app = open_app(settings)

        def announce(url: str) -> None:
            console.print(f"goldsmith {goldsmith.__version__} serves on {url}")
            token = app.machine.database.write_sync(app.accounts.ensure_setup_link)
            if token is not None:
                link = f"{url}/setup#token={token}"
                console.print(
                    f"Nobody has an account yet. Make the owner's with this link, once:\n  {link}",
                    soft_wrap=True,
                )
            sys.stdout.flush()

        try:
            serve(app.application(), settings, announce=announce)
        finally:
            app.close()


@application.command()
def worker(
    data: DataOption = None,
    config: ConfigOption = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Jobs at once.")] = 2,
) -> None:
    """Run jobs beside a server, on the same database."""
    with told():
        settings = load_settings(config_file=config, data_dir=data)
        configure_logging(settings.log_format)
        app = open_app(settings)
        ended = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: ended.set())
        app.machine.jobs.start(threads)
        console.print(f"working with {threads} threads; stop with Ctrl+C")
        ended.wait()
        app.close()


@application.command()
def jobs(data: DataOption = None, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the newest jobs."""
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        page = session.read(
            lambda tx: session.app.machine.jobs.list_page(tx, workspace_id=session.access.workspace_id)
        )
        rows: list[dict[str, Any]] = [view.model_dump(mode="json") for view in page.items]
        session.show_rows(rows, columns=["job_id", "kind", "state", "done", "total", "message"])


def main() -> None:
    """Run the command."""
    application()
