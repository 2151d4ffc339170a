"""Projects from the command line."""

from pathlib import Path
from typing import Annotated

import typer

from goldsmith.cli.session import DataOption, JsonOption, WorkspaceOption, opened
from goldsmith.core.ontology import Ontology
from goldsmith.projects.api import QualityPolicy, Workflow

commands = typer.Typer(help="Labelling goals.", no_args_is_help=True)


@commands.command("list")
def list_projects(
    data: DataOption = None, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """List the projects of the workspace."""
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        page = session.read(
            lambda tx: session.app.projects.list_projects(
                tx, session.access, with_archived=False, before=None, limit=200
            )
        )
        rows = [
            {"project_id": view.project_id, "name": view.name, "state": view.state.value} for view in page
        ]
        session.show_rows(rows, columns=["project_id", "name", "state"])


@commands.command()
def create(
    name: str,
    ontology: Annotated[Path | None, typer.Option(help="JSON file with the ontology.")] = None,
    instructions: Annotated[Path | None, typer.Option(help="Markdown file.")] = None,
    overlap: Annotated[int, typer.Option(min=1, max=50, help="Judgements asked for each task.")] = 1,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start a project."""
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        classes = Ontology.model_validate_json(ontology.read_bytes()) if ontology is not None else Ontology()
        text = instructions.read_text() if instructions is not None else ""
        project = session.write(
            lambda tx: session.app.projects.create_project(
                tx,
                session.access,
                name=name,
                ontology=classes,
                instructions=text,
                workflow=Workflow(overlap=overlap),
            )
        )
        session.show(project, f"{project.project_id}  {project.name}")


@commands.command()
def quality(
    project_id: str,
    policy: Annotated[
        Path | None, typer.Option(help="JSON file with a new quality policy; it is shown without.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why it changes.")] = "",
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show or change what quality a project wants and what it may cost."""
    with opened(data=data, workspace=workspace, as_json=as_json) as session:
        projects = session.app.projects
        if policy is not None:
            wanted = QualityPolicy.model_validate_json(policy.read_bytes())
            session.write(
                lambda tx: projects.put_quality_policy(
                    tx, session.access, project_id, policy=wanted, note=note
                )
            )
        standing = session.read(lambda tx: projects.get_quality_policy(tx, project_id))
        session.show(standing, standing.model_dump_json(indent=2))
