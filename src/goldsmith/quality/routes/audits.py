"""HTTP of audits."""

from typing import Annotated

from fastapi import APIRouter, Depends

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.platform.database import Sql
from goldsmith.quality.service import QualityService
from goldsmith.quality.types import AuditBegin, AuditList, AuditView


def register_scopes(gate: Gate) -> None:
    """Teach the gate which project an audit is in."""
    gate.add_scope(
        "audit_id",
        Sql(
            "SELECT p.workspace_id, a.project_id FROM audits a JOIN projects p ON p.project_id = a.project_id "
            "WHERE a.audit_id = :value"
        ),
    )


def add_routes(routes: APIRouter, service: QualityService, gate: Gate) -> None:
    """Add the routes."""
    register_scopes(gate)
    database = service.machine.database

    @routes.get("/projects/{project_id}/quality/audits", dependencies=[Depends(gate.allow(Role.REVIEWER))])
    async def list_audits(project_id: str) -> AuditList:
        """List the audits of a project with what each has proved by now, newest first."""
        return await database.read(lambda tx: service.list_audits(tx, project_id))

    @routes.post("/projects/{project_id}/quality/audits", status_code=201)
    async def start_audit(
        project_id: str, body: AuditBegin, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> AuditView:
        """Draw finished tasks for reviewers to look at, until what share of objects is right is proved or refuted."""
        return await database.write(lambda tx: service.start_audit(tx, access, project_id, begin=body))

    @routes.post("/audits/{audit_id}/stop")
    async def stop_audit(
        audit_id: str, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> AuditView:
        """End an audit before its verdict."""
        return await database.write(lambda tx: service.stop_audit(tx, access, audit_id))
