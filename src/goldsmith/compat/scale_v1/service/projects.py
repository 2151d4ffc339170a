"""Projects: a goldsmith project with the versions of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from goldsmith.accounts.api import KeyAccess
from goldsmith.compat.scale_v1.service.foundation import Foundation, in_project, space_of
from goldsmith.compat.scale_v1.store import files as file_rows
from goldsmith.compat.scale_v1.store import projects as store
from goldsmith.compat.scale_v1.task_types.registry import task_type_of
from goldsmith.compat.scale_v1.task_types.types import NotEnabledFault, ParameterFault
from goldsmith.compat.scale_v1.types import ProjectRow
from goldsmith.compat.scale_v1.views import CONSENSUS, project_body
from goldsmith.compat.scale_v1.words import iso, read_boolean, read_name, read_object
from goldsmith.core.errors import ConflictError, NotFoundError
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import Workflow

CUSTOMER_REASON: Final = "customer rejected it"
"""The reason of a rejection that an audit through the API gives."""
_MOST_ATTEMPTS: Final = 50
_USUAL_ATTEMPTS: Final = 3
_OPTIONS: Final = ("rapid", "studio", "datasetId")
_TEMPLATED: Final = frozenset({"textcollection", "chat"})


class Projects(Foundation):
    """The part of the service that keeps projects."""

    def create_project(self, tx: Transaction, key: KeyAccess, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make a project.

        Raises:
            ParameterFault: A parameter does not hold.
            NotEnabledFault: Nobody can work on its type here.
            ConflictError: The name is taken.
        """
        name, type_name = read_name(body, "name"), read_name(body, "type")
        task_type_of(type_name)
        params = read_object(body, "params")
        _check_params(params)
        options = {option: body.get(option) for option in _OPTIONS if body.get(option)}
        options |= _pipeline_of(body)
        return project_body(
            self.make_project(tx, key, name=name, type_name=type_name, params=params, options=options)
        )

    def get_project(self, tx: Transaction, key: KeyAccess, name: str) -> dict[str, Any]:
        """Return a project with all versions of its parameters; NotFoundError when there is none."""
        return project_body(self._project(tx, space_of(key), name))

    def list_projects(self, tx: Transaction, key: KeyAccess, *, is_archived: bool) -> list[dict[str, Any]]:
        """Return all projects that are archived, or all that are not, oldest first."""
        found = store.list_projects(tx, space_of(key), with_archived=True)
        return [project_body(project) for project in found if project.is_archived is is_archived]

    def set_params(
        self, tx: Transaction, key: KeyAccess, name: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Add a version of the parameters: the given ones alone, or (``patch``) over those of the version before.

        Raises:
            NotFoundError: There is no such project.
            ParameterFault: A parameter does not hold.
        """
        project = self._project(tx, space_of(key), name)
        is_patch = read_boolean(body, "patch")
        given = {param: value for param, value in body.items() if param != "patch"}
        _check_params(given)
        versions = store.lock_versions(tx, project.project_id)
        before = replace(project, versions=versions).params
        params = {**before, **given} if is_patch else given
        versions.append(_version(len(versions), self._now_ms(), params))
        store.keep_versions(tx, project.project_id, versions)
        if not key.is_test:
            self.steps.projects.put_instructions(
                tx,
                in_project(key.access, project.project_id),
                project.project_id,
                instructions=str(params.get("instruction") or ""),
                note="set through the task API",
            )
        return project_body(replace(project, versions=versions))

    def get_template(self, tx: Transaction, key: KeyAccess, name: str) -> dict[str, Any]:
        """Return the task template of a project: what its parameters ask of each task.

        Raises:
            NotFoundError: There is no such project, or its parameters are no template.
            NotEnabledFault: Tasks of its type have no templates.
        """
        project = self._project(tx, space_of(key), name)
        if project.type not in _TEMPLATED:
            raise NotEnabledFault(f"Projects of the type {project.type} have no task templates.")
        variables = {param: value for param, value in project.params.items() if param != "instruction"}
        if not variables:
            raise NotFoundError("The project has no task template.")
        newest = project.versions[-1]
        return {
            "id": project.project_id,
            "version": newest["version"],
            "created_at": iso(project.created_ms),
            "updated_at": newest["created_at"],
            "template_variables": variables,
        }

    def make_project(
        self,
        tx: Transaction,
        key: KeyAccess,
        *,
        name: str,
        type_name: str,
        params: Mapping[str, Any],
        options: Mapping[str, Any],
    ) -> ProjectRow:
        """Make a project; see ``create_project``."""
        space, now_ms = space_of(key), self._now_ms()
        if store.find_by_name(tx, space, name) is not None:
            raise ConflictError("Project with that name already exists.")
        if key.is_test:
            project_id = self.machine.ids.new("prj")
        else:
            made = self.steps.projects.create_project(
                tx,
                key.access,
                name=name,
                instructions=str(params.get("instruction") or ""),
                workflow=_workflow(options),
            )
            project_id = made.project_id
        file_rows.ensure_link_secret(tx, space.workspace_id, secret=f"{self._rng.getrandbits(256):064x}")
        project = ProjectRow(
            project_id=project_id,
            space=space,
            name=name,
            type=type_name,
            versions=[_version(0, now_ms, params)],
            options=options,
            created_ms=now_ms,
        )
        store.insert_project(tx, project)
        return project

    def _default_project(self, tx: Transaction, key: KeyAccess, type_name: str) -> ProjectRow:
        """Return the project of tasks that name none, made with the first of them."""
        name = f"default {type_name}"
        found = store.find_by_name(tx, space_of(key), name)
        if found is not None:
            return found
        return self.make_project(tx, key, name=name, type_name=type_name, params={}, options={})


def _version(number: int, at_ms: int, params: Mapping[str, Any]) -> dict[str, Any]:
    return {**params, "version": number, "created_at": iso(at_ms)}


def _check_params(params: Mapping[str, Any]) -> None:
    for name in ("version", "created_at"):
        if name in params:
            raise ParameterFault(f'"{name}" is not allowed')
    instruction = params.get("instruction")
    if not isinstance(instruction, str | None):
        raise ParameterFault('"instruction" must be a string')


def _pipeline_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pipeline of Studio: how many people work on each task."""
    pipeline, attempts = body.get("pipeline"), body.get("consensus_attempts")
    if pipeline is None:
        return {}
    if pipeline not in ("standard_task", CONSENSUS):
        raise ParameterFault(f'"pipeline" must be one of [standard_task, {CONSENSUS}]')
    if attempts is None:
        attempts = _USUAL_ATTEMPTS
    if isinstance(attempts, bool) or not isinstance(attempts, int) or not 1 <= attempts <= _MOST_ATTEMPTS:
        raise ParameterFault(f'"consensus_attempts" must be an integer between 1 and {_MOST_ATTEMPTS}')
    return {"pipeline": pipeline, "attempts": attempts}


def _workflow(options: Mapping[str, Any]) -> Workflow:
    overlap = options["attempts"] if options.get("pipeline") == CONSENSUS else 1
    return Workflow(overlap=overlap, reject_reasons=[*Workflow().reject_reasons, CUSTOMER_REASON])
