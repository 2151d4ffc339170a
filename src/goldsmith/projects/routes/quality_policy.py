"""HTTP of a project's quality policy."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.core.model import Model
from goldsmith.platform.database import Transaction
from goldsmith.projects.service import ProjectsService
from goldsmith.projects.types import Aspect, QualityPolicy


class QualityPolicyDocument(Model):
    """A version of the quality policy."""

    version: int
    policy: QualityPolicy


class QualityPolicyChange(Model):
    """A new quality policy, whole."""

    policy: QualityPolicy
    note: Annotated[str, Field(max_length=2000)] = ""
    base_version: int | None = None


def add_routes(routes: APIRouter, service: ProjectsService, gate: Gate) -> None:
    """Add the routes; what it costs is for reviewers and above to see."""
    database = service.machine.database

    @routes.get("/projects/{project_id}/quality-policy", dependencies=[Depends(gate.allow(Role.REVIEWER))])
    async def get_quality_policy(
        project_id: str,
        version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    ) -> QualityPolicyDocument:
        """Show a version of the quality policy, the newest by default."""
        number, body = await database.read(
            lambda tx: service.get_document(tx, project_id, Aspect.QUALITY, version)
        )
        return QualityPolicyDocument(version=number, policy=QualityPolicy.model_validate_json(body))

    @routes.put("/projects/{project_id}/quality-policy")
    async def put_quality_policy(
        project_id: str,
        body: QualityPolicyChange,
        access: Annotated[Access, Depends(gate.allow(Role.MANAGER))],
    ) -> QualityPolicyDocument:
        """Say what quality the project wants and what it may cost; open tasks follow."""

        def change(tx: Transaction) -> QualityPolicyDocument:
            version = service.put_quality_policy(
                tx,
                access,
                project_id,
                policy=body.policy,
                note=body.note,
                base_version=body.base_version,
            )
            return QualityPolicyDocument(version=version, policy=body.policy)

        return await database.write(change)
