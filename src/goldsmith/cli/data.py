"""Items, labels and dataset versions from the command line."""

from pathlib import Path
from typing import Annotated, Any

import typer

from goldsmith.cli.session import DataOption, JsonOption, Session, WorkspaceOption, console, opened
from goldsmith.core.errors import NotFoundError
from goldsmith.datasets.api import DatasetView, LabelPolicy, SplitPolicy, VersionPolicy
from goldsmith.formats import FORMATS, YOLO_VARIANTS
from goldsmith.items.api import ImportPlan
from goldsmith.labeling.api import ExportLabels

datasets = typer.Typer(help="Immutable versions of items with their labels.", no_args_is_help=True)


def import_items(
    source: Annotated[Path, typer.Argument(help="A folder or a zip archive on this machine.")],
    project: Annotated[str, typer.Option(help="Id of the project.")],
    format_name: Annotated[
        str, typer.Option("--format", help=f"auto, images, {', '.join(FORMATS)}.")
    ] = "auto",
    labels_as: Annotated[str, typer.Option(help="gold, prelabels, accepted or none.")] = "none",
    batch: Annotated[str | None, typer.Option(help="Batch they go to.")] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring items in."""
    if not source.exists():
        raise typer.BadParameter(f"{source} is not there")
    # whoever runs the command may read the folder; the server's own list of folders is for members over the network
    root = source.absolute() if source.is_dir() else source.absolute().parent
    with opened(data=data, workspace=workspace, as_json=as_json, import_roots=[root]) as session:
        plan = ImportPlan.model_validate(
            {
                "source": _source(session, source),
                "format": format_name,
                "labels_as": labels_as,
                **({} if batch is None else {"batch": batch}),
            }
        )
        job_id = session.write(lambda tx: session.app.items.request_import(tx, session.access, project, plan))
        result = session.finish_job(job_id).result
        session.show(result, f"imported: {_in_words(result)}")


def export_labels(
    project: Annotated[str, typer.Option(help="Id of the project.")],
    target: Annotated[Path, typer.Argument(help="File to write.")],
    format_name: Annotated[str, typer.Option("--format", help="jsonl or coco.")] = "jsonl",
    labels: Annotated[ExportLabels, typer.Option(help="Whose labels.")] = ExportLabels.CONSENSUS,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a project's labels in force to a file."""
    if format_name not in ("jsonl", "coco"):
        raise typer.BadParameter("the format is jsonl or coco; dataset export has more")
    with opened(data=data, workspace=workspace) as session:
        written = 0
        with target.open("wb") as file:
            export = session.read(
                lambda tx: session.app.labeling.open_export(tx, project, labels=labels, state=None)
            )
            for chunk in export.as_coco() if format_name == "coco" else export.as_jsonl():
                file.write(chunk)
                written += len(chunk)
        console.print(f"{target}: {written} bytes", soft_wrap=True, highlight=False, markup=False)


@datasets.command("list")
def list_datasets(
    data: DataOption = None, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """List datasets."""
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        found = session.read(lambda tx: session.app.datasets.list_datasets(tx, session.access))
        rows = [view.model_dump(mode="json") for view in found]
        session.show_rows(rows, columns=["dataset_id", "name", "version_count"])


@datasets.command("cut")
def cut(
    name: Annotated[str, typer.Argument(help="Of the dataset; started when it is new.")],
    project: Annotated[list[str], typer.Option(help="Id of a project; may be repeated.")],
    minimum_posterior: Annotated[float, typer.Option(help="Less sure objects stay out.")] = 0.5,
    reviewed_only: Annotated[bool, typer.Option(help="Only what a reviewer saw.")] = False,
    test: Annotated[bool, typer.Option("--test", help="Put everything into the split named test.")] = False,
    apart_from: Annotated[list[str] | None, typer.Option(help="Id of a version to keep apart from.")] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cut the next version of a dataset."""
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        policy = VersionPolicy(
            project_ids=project,
            labels=LabelPolicy(minimum_posterior=minimum_posterior, reviewed_only=reviewed_only),
            split=SplitPolicy(mode="fixed", fixed_split="test") if test else SplitPolicy(),
            keep_apart_from=apart_from or [],
        )
        dataset = session.write(lambda tx: session.app.datasets.ensure_dataset(tx, session.access, name=name))
        job_id = session.write(
            lambda tx: session.app.datasets.request_version(
                tx, session.access, dataset_id=dataset.dataset_id, policy=policy
            )
        )
        version_id = session.finish_job(job_id).result["dataset_version_id"]
        version = session.read(lambda tx: session.app.datasets.get_version(tx, version_id))
        session.show(version, f"{version_id}  {dataset.name} v{version.number}  {version.content_hash}")


@datasets.command("export")
def export_version(
    dataset_version_id: str,
    target: Annotated[Path, typer.Argument(help="Zip archive to write.")],
    format_name: Annotated[str, typer.Option("--format", help=f"goldsmith, {', '.join(FORMATS)}.")] = "coco",
    yolo: Annotated[
        str, typer.Option(help=f"{', '.join(YOLO_VARIANTS)}; auto takes what is drawn.")
    ] = "auto",
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a version as an archive, with a report of what the format could not hold."""
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        job_id = session.write(
            lambda tx: session.app.datasets.request_export(
                tx,
                session.access,
                dataset_version_id=dataset_version_id,
                format_name=format_name,
                yolo_variant=yolo,
            )
        )
        result = session.finish_job(job_id).result
        with target.open("wb") as file:
            for chunk in session.app.machine.blobs.iter_chunks(result["sha256"]):
                file.write(chunk)
        session.show(
            result, f"{target}: {result['size_bytes']} bytes; losses: {result['losses']['losses'] or 'none'}"
        )


def find_dataset(session: Session, name: str) -> DatasetView:
    """Return the dataset of that name or id."""
    for view in session.read(lambda tx: session.app.datasets.list_datasets(tx, session.access)):
        if name in (view.dataset_id, view.name):
            return view
    raise NotFoundError(f"there is no dataset {name!r}")


def _source(session: Session, path: Path) -> dict[str, Any]:
    if path.is_dir():
        return {"kind": "folder", "path": str(path.absolute())}
    put = session.app.machine.blobs.put_file(path)
    return {
        "kind": "upload",
        "files": [{"name": path.name, "sha256": put.sha256, "size_bytes": put.size_bytes}],
    }


def _in_words(result: dict[str, Any]) -> str:
    return ", ".join(
        f"{value} {key.replace('_', ' ')}" for key, value in result.items() if isinstance(value, int)
    )
