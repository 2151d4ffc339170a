"""The demonstration as a command runs it: a fresh data folder, a server, the loop, a table, a workbench to look at."""

from __future__ import annotations

import json
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import uvicorn
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from goldsmith.app import App, open_app
from goldsmith.client import Client
from goldsmith.core.errors import ConflictError
from goldsmith.demo.loop import Loop, Outcome, Plan
from goldsmith.demo.sources import Material
from goldsmith.demo.table import print_outcome
from goldsmith.platform.jobs import JobView
from goldsmith.platform.settings import Settings
from goldsmith.server.serving import listen, make_config, url_of

OWNER_EMAIL: Final = "you@goldsmith.demo"
WORKSPACE: Final = "Demonstration"
MARKER: Final = "DEMONSTRATION"
"""A file that marks a data folder as the demonstration's own, to be removed by the next one."""
_START_S: Final = 30.0
_LINK_MS: Final = 24 * 3600 * 1000


def run_demo(
    settings: Settings,
    *,
    material: Material,
    plan: Plan,
    console: Console,
    json_file: Path | None,
    serves: bool,
    opens_browser: bool,
) -> Outcome:
    """Run the demonstration.

    Args:
        settings: Where data go and where to listen; the data folder must be new.
        material: Pictures with their truth.
        plan: How large.
        console: Where to tell.
        json_file: Gets the figures; None for nowhere.
        serves: Whether to serve the workbench afterwards, until interrupted.
        opens_browser: Whether to open it in a browser.

    Raises:
        ConflictError: The data folder holds an installation already.
    """
    if (settings.data_dir / "goldsmith.db").exists():
        raise ConflictError(
            f"{settings.data_dir} holds an installation already; remove it, or say another folder with --folder"
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    (settings.data_dir / MARKER).write_text(
        "Made by goldsmith demo, which removes this folder when it runs again.\n"
    )
    app = open_app(settings)
    owner_id, secret = _found(app)
    with _serving(app, settings) as url:
        started_s = time.monotonic()
        console.print(f"[bold]goldsmith demo[/] on {material.title}: {len(material.pool)} pictures to label, "
                      f"{len(material.test)} held out. Serving on {url}")  # fmt: skip
        with Client(url, secret) as owner, _Bars(console) as bars:
            loop = Loop(owner, url=url, material=material, plan=plan, say=bars.say, watch=bars.watch)
            outcome = loop.run()
        print_outcome(outcome, console, seconds=time.monotonic() - started_s)
        if json_file is not None:
            json_file.write_text(json.dumps(outcome.as_json(), indent=1))
        if serves:
            token = app.machine.database.write_sync(
                lambda tx: app.accounts.create_login_link(tx, owner_id, lasts_ms=_LINK_MS)
            )
            link = f"{url}/link#token={token}"
            console.print(
                f"\nThe workbench is yours (this link signs you in once):\n  [link={link}]{link}[/link]"
            )
            console.print(
                "Stop with Ctrl+C. To come back later: goldsmith up --data " + str(settings.data_dir)
            )
            if opens_browser:
                webbrowser.open(link)
            _wait_for_interrupt()
    return outcome


def _found(app: App) -> tuple[str, str]:
    """Make the owner, who has no password: the way in is a link; and a key for the loop."""

    def found(tx: Any) -> tuple[str, str]:
        made = app.accounts.bootstrap_owner(
            tx, email=OWNER_EMAIL, name="You", password=None, workspace_name=WORKSPACE
        )
        key = app.accounts.create_key(tx, made.workspace_id, OWNER_EMAIL, name="demonstration")
        return made.user_id, key.secret

    return app.machine.database.write_sync(found)


@contextmanager
def _serving(app: App, settings: Settings) -> Iterator[str]:
    """Serve in a thread while the body runs."""
    listening = listen(settings.host, settings.port)
    server = uvicorn.Server(make_config(app.application(), settings))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), name="server", daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_S
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield url_of(listening, settings)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
        app.close()


def _wait_for_interrupt() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


class _Bars:
    """A line for each thing said, and a bar for the job at work."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("    {task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(text)

    def watch(self, job: JobView) -> None:
        """Show how far a job is."""
        bar = self._bars.get(job.job_id)
        if bar is None:
            bar = self._bars[job.job_id] = self._progress.add_task(job.message, total=job.total)
        self._progress.update(bar, completed=job.done, total=job.total, description=job.message)
        if not job.state.is_open:
            self._progress.remove_task(self._bars.pop(job.job_id))
