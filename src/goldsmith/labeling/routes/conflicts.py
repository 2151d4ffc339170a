"""Answers that tell what stands in the way, so that it can be merged."""

from typing import Any

import msgspec
from fastapi import Response

from goldsmith.core.errors import VersionConflictError
from goldsmith.core.model import Model
from goldsmith.labeling.service.drafting import NewerDraftError
from goldsmith.labeling.service.revising import NewerVersionError
from goldsmith.labeling.types import Draft


class DraftConflict(Model):
    """Another draft stands than the one that was gone on from; it is told, so that both can be merged."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    draft: Draft


def draft_conflict(error: NewerDraftError) -> Response:
    """Return the problem with the draft that stands."""
    return _problem(error, draft=error.newer.model_dump(mode="json"))


def version_conflict(error: NewerVersionError) -> Response:
    """Return the problem with the version that stands."""
    return _problem(error, newest=error.newest.model_dump(mode="json"))


def _problem(error: VersionConflictError, **more: Any) -> Response:
    problem = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "errors": [fault._asdict() for fault in error.faults],
        **more,
    }
    return Response(
        msgspec.json.encode(problem), status_code=error.status, media_type="application/problem+json"
    )
