"""The demonstration from the command line."""

import logging
import shutil
from pathlib import Path
from typing import Annotated

import typer

from goldsmith.cli.session import console, told
from goldsmith.platform.settings import load_settings
from goldsmith.platform.telemetry import configure_logging

WORLD_POOL = 520
WORLD_TEST = 120
FIRST_SHARE = 0.4
SECOND_SHARE = 0.25


def demo(
    images: Annotated[
        Path | None,
        typer.Option("--data", help="Folder of real pictures in COCO form, instead of a generated world."),
    ] = None,
    folder: Annotated[Path, typer.Option(help="Data folder of the installation; must be new.")] = Path(
        "demo-data"
    ),
    fresh: Annotated[
        bool, typer.Option("--fresh/--keep", help="Remove what an earlier demonstration left there.")
    ] = True,
    port: Annotated[int, typer.Option(help="Port to serve on; 0 takes a free one.")] = 8400,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the workbench afterwards.")] = True,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Training steps; fewer are quicker and worse.")
    ] = None,
    pictures: Annotated[int, typer.Option(min=20, help="Pictures to generate for the pool.")] = WORLD_POOL,
    seed: Annotated[int, typer.Option(min=0, help="Of the world, the crowd and the training.")] = 7,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the workbench in a browser.")
    ] = False,
) -> None:
    """Run the whole loop twice, print its table, and serve the workbench."""
    # the world and the crowd are nothing that any other command should wait for
    from goldsmith.demo.loop import Plan
    from goldsmith.demo.run import MARKER, run_demo
    from goldsmith.demo.sources import from_folder, from_world
    from goldsmith.training.recipes import Recipe

    with told():
        # what goes wrong is told; that a request was slow while the machine trains a model is not
        configure_logging("text", level=logging.WARNING)
        if images is None:
            console.print("Generating a small world of streets ...")
            material = from_world(pool=pictures, test=max(pictures * WORLD_TEST // WORLD_POOL, 10), seed=seed)
        else:
            material = from_folder(images)
        count = len(material.pool)
        plan = Plan(
            first=max(round(count * FIRST_SHARE), 5),
            second=max(round(count * SECOND_SHARE), 3),
            recipe=Recipe(budget="demo", steps=steps),
            seed=seed,
        )
        settings = load_settings(data_dir=folder, port=port)
        if fresh and (settings.data_dir / MARKER).exists():
            shutil.rmtree(settings.data_dir)
        run_demo(
            settings,
            material=material,
            plan=plan,
            console=console,
            json_file=json_file,
            serves=serve,
            opens_browser=browser,
        )
