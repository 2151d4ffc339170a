"""Training, measuring and lineage from the command line."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from goldsmith.cli.session import DataOption, JsonOption, WorkspaceOption, console, opened
from goldsmith.core.errors import InvalidInputError
from goldsmith.evaluation.types import NewEvaluation
from goldsmith.lineage.api import Direction, Report
from goldsmith.training.api import RECIPES, NewRun, pixels_named

commands = typer.Typer(help="Models that were made elsewhere.", no_args_is_help=True)


def train(
    dataset_version_id: str,
    recipe: Annotated[str, typer.Option(help=", ".join(card.name for card in RECIPES))] = "detect",
    model: Annotated[str, typer.Option(help="Line the result joins.")] = "detector",
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same weights.")] = 0,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model on a dataset version."""
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        card = next((card for card in RECIPES if card.name == recipe), None)
        if card is None:
            raise InvalidInputError(
                f"no recipe {recipe!r}; there are {', '.join(card.name for card in RECIPES)}"
            )
        body = NewRun(recipe=card.recipe, dataset_version_id=dataset_version_id, seed=seed, model_name=model)
        started = session.write(lambda tx: session.app.training.start_run(tx, session.access, body=body))
        session.finish_job(started.job_id)
        run = session.read(lambda tx: session.app.training.get_run(tx, started.run_id))
        last = next((point for point in reversed(run.curves) if point.validation_ap50 is not None), None)
        measured = "" if last is None else f", AP50 {last.validation_ap50:.3f} on its validation split"
        session.show(run, f"{run.model_version_id}{measured}")


@commands.command("add-segmenter")
def add_segmenter(
    name: Annotated[str, typer.Argument(help="Line the model joins; made when it is new.")],
    encoder: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="ONNX: picture to embeddings; or the only file."),
    ],
    decoder: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="ONNX: embeddings and clicks to masks.")
    ] = None,
    pixels: Annotated[str, typer.Option(help="How pixels are put in: auto, sam, unit, raw.")] = "auto",
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a click-segmentation model, such as an export of SAM; it is checked and tried first."""
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        version = session.app.suggesting.add_segmenter(
            session.access,
            name=name,
            encoder=encoder,
            decoder=decoder,
            pixels=pixels_named(pixels),
        )
        session.show(version, f"{version.model_version_id}: {version.model_name} {version.number}")


def evaluate(
    model_version_id: str,
    dataset_version_id: str,
    split: Annotated[str, typer.Option(help="Of the dataset version.")] = "test",
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a model version on a dataset version."""
    body = NewEvaluation(
        model_version_id=model_version_id, dataset_version_id=dataset_version_id, split=split
    )
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        started = session.write(lambda tx: session.app.evaluation.start(tx, session.access, body=body))
        session.finish_job(started.job_id)
        view = session.read(lambda tx: session.app.evaluation.get(tx, started.evaluation_id))
        if as_json or view.metrics is None:
            session.show(view)
            return
        console.print(view.evaluation_id, highlight=False)
        for name, number in view.metrics.numbers.items():
            interval = "" if number.low is None else f"  ({number.low:.3f} to {number.high:.3f})"
            console.print(f"  {name:10} {'-' if number.value is None else f'{number.value:.3f}'}{interval}")


def lineage(
    subject_id: Annotated[str, typer.Argument(help="Id of a model version, evaluation, item, member, ...")],
    direction: Annotated[str, typer.Option(help="up to the evidence, down to what came of it.")] = "up",
    item: Annotated[
        list[str] | None, typer.Option(help="Only what is behind this item; may be repeated.")
    ] = None,
    slice_name: Annotated[
        str | None,
        typer.Option(
            "--slice", help="Only what is behind this slice of an evaluation, such as 'light = night'."
        ),
    ] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell where something came from, or what came of it."""
    if direction not in ("up", "down"):
        raise typer.BadParameter("direction is up or down")
    way: Direction = "up" if direction == "up" else "down"
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        lineage = session.app.lineage
        items = item or () if slice_name is None else lineage.items_in_slice(subject_id, slice_name)
        report = session.read(lambda tx: lineage.walk(tx, subject_id, direction=way, item_ids=items))
        if as_json:
            session.show(report)
        else:
            _print_report(report)


def _print_report(report: Report) -> None:
    subject = report.subject
    console.print(
        f"[bold]{escape(subject.name)}[/]  {subject.kind.replace('_', ' ')} {subject.id}",
        highlight=False,
        soft_wrap=True,
    )
    if not report.steps:
        console.print(
            "  nothing stands behind it" if report.direction == "up" else "  nothing came of it yet"
        )
    for step in report.steps:
        console.print(f"  {step.why}: {step.count} x {step.kind.replace('_', ' ')}", highlight=False)
        for node in step.nodes[:5]:
            console.print(f"      {escape(node.name)}  [dim]{node.id}[/]", highlight=False, soft_wrap=True)
        if step.count > 5:
            console.print(f"      [dim]and {step.count - 5} more[/]", highlight=False)
