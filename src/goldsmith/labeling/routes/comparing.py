"""Routes of labellings side by side."""

from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Response

from goldsmith.accounts.api import Gate, Role
from goldsmith.labeling.service import LabelingService
from goldsmith.labeling.store.comparing import list_compared
from goldsmith.labeling.types import ComparedPage, ComparedSide, SideKind

_SIDE: Final = r"^(consensus|gold|prediction|mem_[0-9a-z_]{1,60})$"
Side = Annotated[
    str, Query(pattern=_SIDE, description="`consensus`, `gold`, `prediction`, or the id of a member.")
]


def add_routes(routes: APIRouter, service: LabelingService, gate: Gate) -> None:
    """Add the routes."""
    database = service.machine.database

    @routes.get(
        "/projects/{project_id}/comparisons",
        response_model=None,
        responses={200: {"model": ComparedPage}},
        dependencies=[Depends(gate.allow(Role.REVIEWER))],
    )
    async def list_comparisons(
        project_id: str,
        left: Side,
        right: Side,
        direction: Literal["forward", "back"] = "forward",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Annotated[
            str | None, Query(max_length=40, description="A task, after or before which.")
        ] = None,
    ) -> Response:
        """List items that two labelled, with both labellings: people, the consensus, gold or predictions."""
        is_back = direction == "back"
        rows = await database.read(
            lambda tx: list_compared(
                tx,
                project_id=project_id,
                sides=(_side(left), _side(right)),
                after=cursor or ("zzz" if is_back else ""),
                is_back=is_back,
                limit=limit,
            )
        )
        items: list[dict[str, Any]] = [
            {
                "task_id": row["task_id"],
                "item_id": row["item_id"],
                "name": row["item_name"],
                "width": row["width_px"],
                "height": row["height_px"],
                "left": msgspec.Raw(row["left_labelling"].encode()),
                "right": msgspec.Raw(row["right_labelling"].encode()),
            }
            for row in rows
            if row["left_labelling"] is not None and row["right_labelling"] is not None
        ]
        next_cursor = rows[-1]["task_id"] if len(rows) == limit else None
        body = msgspec.json.encode({"items": items, "next_cursor": next_cursor})
        return Response(body, media_type="application/json")


def _side(text: str) -> ComparedSide:
    return ComparedSide(SideKind.MEMBER, text) if text.startswith("mem_") else ComparedSide(SideKind(text))
