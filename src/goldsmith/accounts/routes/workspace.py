"""Routes of a workspace's audit log, webhooks and jobs."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from goldsmith.accounts.gate import Gate
from goldsmith.accounts.routes import bodies
from goldsmith.accounts.service import AccountsService
from goldsmith.accounts.types import Access, AuditEntry, Delivery, NewWebhook, Page, Role, Webhook
from goldsmith.core.errors import InvalidInputError, NotFoundError
from goldsmith.platform.jobs import JobPage, JobState, JobView

_W = "/api/v1/workspaces/{workspace_id}"
_NEWEST = 2**62


def add_routes(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    """Add the routes."""
    _add_audit(routes, service, gate)
    _add_webhooks(routes, service, gate)
    _add_deliveries(routes, service, gate)
    _add_jobs(routes, service, gate)


def _add_audit(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    manager = gate.allow(Role.MANAGER)

    @routes.get(_W + "/audit")
    async def list_audit(
        access: Annotated[Access, Depends(manager)],
        action: Annotated[str, Query(max_length=80)] = "",
        limit: bodies.Limit = 100,
        cursor: bodies.Cursor = "",
    ) -> Page[AuditEntry]:
        """List what was done, newest first."""
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
            raise InvalidInputError("the cursor must be the next_cursor of the page before")
        before = int(cursor) if cursor else _NEWEST
        return await service.machine.database.read(
            lambda tx: service.audit_page(tx, access, before=before, action=action, limit=limit)
        )

    @routes.post(_W + "/audit/verify")
    async def verify_audit(access: Annotated[Access, Depends(manager)]) -> bodies.Verification:
        """Verify the hash chain; names the first row that was changed, removed or inserted."""
        report = await asyncio.to_thread(service.verify_audit, access.workspace_id)
        return bodies.Verification(
            is_intact=report.fault is None,
            rows=report.rows,
            head_hash=report.head_hash,
            fault=None if report.fault is None else report.fault._asdict(),
        )


def _add_webhooks(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    database, webhooks = service.machine.database, service.webhooks
    manager = gate.allow(Role.MANAGER)

    @routes.get(_W + "/webhooks")
    async def list_webhooks(
        access: Annotated[Access, Depends(manager)], limit: bodies.Limit = 100, cursor: bodies.Cursor = ""
    ) -> Page[Webhook]:
        """List subscriptions."""
        return await database.read(lambda tx: webhooks.list_page(tx, access, after=cursor, limit=limit))

    @routes.post(_W + "/webhooks", status_code=201)
    async def create_webhook(
        body: bodies.WebhookRequest, access: Annotated[Access, Depends(manager)]
    ) -> NewWebhook:
        """Subscribe a URL; the signing secret is shown once."""
        return await database.write(lambda tx: webhooks.create(tx, access, url=body.url, events=body.events))

    @routes.patch(_W + "/webhooks/{webhook_id}")
    async def change_webhook(
        webhook_id: str, body: bodies.WebhookChange, access: Annotated[Access, Depends(manager)]
    ) -> Webhook:
        """Change URL or events, or switch it on or off."""
        return await database.write(
            lambda tx: webhooks.change(tx, access, webhook_id=webhook_id, **body.model_dump())
        )

    @routes.delete(_W + "/webhooks/{webhook_id}", status_code=204)
    async def delete_webhook(webhook_id: str, access: Annotated[Access, Depends(manager)]) -> None:
        """End a subscription."""
        await database.write(lambda tx: webhooks.delete(tx, access, webhook_id=webhook_id))


def _add_deliveries(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    database, webhooks = service.machine.database, service.webhooks
    manager = gate.allow(Role.MANAGER)

    @routes.post(_W + "/webhooks/{webhook_id}/ping", status_code=202)
    async def ping_webhook(webhook_id: str, access: Annotated[Access, Depends(manager)]) -> dict[str, str]:
        """Send a test event."""
        return {
            "delivery_id": await database.write(lambda tx: webhooks.ping(tx, access, webhook_id=webhook_id))
        }

    @routes.get(_W + "/webhooks/{webhook_id}/deliveries")
    async def list_deliveries(
        webhook_id: str,
        access: Annotated[Access, Depends(manager)],
        limit: bodies.Limit = 50,
        cursor: bodies.Cursor = "",
    ) -> Page[Delivery]:
        """List deliveries, newest first."""
        return await database.read(
            lambda tx: webhooks.deliveries_page(tx, access, webhook_id=webhook_id, before=cursor, limit=limit)
        )

    @routes.post(_W + "/deliveries/{delivery_id}/redeliver", status_code=202)
    async def redeliver(delivery_id: str, access: Annotated[Access, Depends(manager)]) -> Delivery:
        """Send a delivery again, with the same id and body."""
        return await database.write(lambda tx: webhooks.redeliver(tx, access, delivery_id=delivery_id))


def _add_jobs(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    database, jobs = service.machine.database, service.machine.jobs
    viewer, manager = gate.allow(Role.VIEWER), gate.allow(Role.MANAGER)

    @routes.get(_W + "/jobs")
    async def list_jobs(
        access: Annotated[Access, Depends(manager)],
        kind: Annotated[str, Query(max_length=80)] = "",
        subject: Annotated[str, Query(max_length=40)] = "",
        state: JobState | None = None,
        limit: bodies.Limit = 50,
        cursor: bodies.Cursor = "",
    ) -> JobPage:
        """List background jobs, newest first."""
        return await database.read(
            lambda tx: jobs.list_page(
                tx,
                workspace_id=access.workspace_id,
                kind=kind or None,
                subject=subject or None,
                state=state,
                cursor=cursor or None,
                limit=limit,
            )
        )

    @routes.get(_W + "/jobs/{job_id}")
    async def get_job(job_id: str, access: Annotated[Access, Depends(viewer)]) -> JobView:
        """Return a job with its progress: one's own; managers and owners see all."""
        job = await database.read(lambda tx: jobs.get(tx, job_id, workspace_id=access.workspace_id))
        if not access.role.allows(Role.MANAGER) and job.created_by != access.member_id:
            raise NotFoundError(f"job {job_id} is not there")
        return job

    @routes.post(_W + "/jobs/{job_id}/cancel", status_code=202)
    async def cancel_job(job_id: str, access: Annotated[Access, Depends(manager)]) -> JobView:
        """Cancel a waiting job; ask a running one to end."""
        return await database.write(
            lambda tx: jobs.request_cancel(tx, job_id, workspace_id=access.workspace_id)
        )

    @routes.post(_W + "/jobs/{job_id}/retry", status_code=202)
    async def retry_job(job_id: str, access: Annotated[Access, Depends(manager)]) -> JobView:
        """Run a failed or cancelled job again; its kept steps are not repeated."""
        return await database.write(lambda tx: jobs.retry(tx, job_id, workspace_id=access.workspace_id))
