"""Single items, their media, and the grid of a project."""

from __future__ import annotations

from goldsmith.accounts.api import Access, Role, audit, emit
from goldsmith.core.errors import GoneError, NotFoundError, PermissionDeniedError
from goldsmith.items.service.bulk import BulkItems
from goldsmith.items.service.changes import Changes
from goldsmith.items.service.contents import served_blob
from goldsmith.items.service.examples import Examples
from goldsmith.items.service.imports import Imports
from goldsmith.items.service.paging import Paging
from goldsmith.items.service.slices import Slices
from goldsmith.items.service.tiles import Tiles
from goldsmith.items.store import grid
from goldsmith.items.store import items as item_rows
from goldsmith.items.store import media as media_rows
from goldsmith.items.types import (
    DocumentBody,
    GridCursor,
    GridFilter,
    GridRow,
    GridSort,
    ItemDetail,
    ItemKind,
    ItemView,
    MediaVariant,
    ServedMedia,
)
from goldsmith.platform.database import Row, Transaction


class ItemsService(Paging, BulkItems, Imports, Tiles, Changes, Slices, Examples):
    """Items and their media.

    Args:
        machine: What the service runs on.
        projects: The step below.
    """

    def get_item(self, tx: Transaction, item_id: str) -> ItemView:
        """Return an item as the wire shows it, by one statement.

        Raises:
            NotFoundError: There is none.
            GoneError: It was deleted.
        """
        return item_rows.view_of(_require(item_rows.find_item(tx, item_id)))

    def get_detail(self, tx: Transaction, item_id: str) -> ItemDetail:
        """Return an item with where it came from and what its file is; errors as ``get_item``."""
        row = _require(item_rows.find_item(tx, item_id))
        return ItemDetail(
            **item_rows.view_of(row).model_dump(),
            sha256=row["sha256"],
            media_type=row["media_type"] or "application/octet-stream",
            orientation=row["orientation"] or 1,
            size_bytes=row["size_bytes"],
            source=row["source"],
            created_ms=row["created_ms"],
        )

    def delete_item(self, tx: Transaction, access: Access, item_id: str) -> None:
        """Mark an item as deleted: it is shown and handed out no more; what was labelled stays.

        Raises:
            NotFoundError: There is none.
            GoneError: It was deleted before.
        """
        _require(item_rows.find_item(tx, item_id))
        now_ms = self.machine.clock.now_ms()
        if item_rows.bury_item(tx, item_id=item_id, now_ms=now_ms):
            self.item_follower().on_items_deleted(tx, item_ids=[item_id])
            audit(tx, at_ms=now_ms, access=access, action="item.deleted", target=item_id)
            emit(
                tx,
                machine=self.machine,
                workspace_id=access.workspace_id,
                event="item.deleted",
                body={"target": item_id},
            )

    def find_media(self, tx: Transaction, item_id: str, variant: MediaVariant) -> ServedMedia:
        """Return what is served as a variant of an item's media; errors as ``get_item``.

        By one statement, but for the originals of texts and documents.
        """
        served = media_rows.find_served(tx, item_id=item_id, variant=variant)
        if served is None:
            raise NotFoundError("there is no such item")
        if served.is_deleted:
            raise GoneError("the item was deleted")
        if variant is MediaVariant.ORIGINAL and served.body is not None:
            return self._source_of(tx, item_id) or served
        return served

    @staticmethod
    def _source_of(tx: Transaction, item_id: str) -> ServedMedia | None:
        """Return the file that the pages of a document were made of, by two statements; None when it is none."""
        row = _require(item_rows.find_item(tx, item_id))
        if row["kind"] != ItemKind.DOCUMENT or row["body"] is None:
            return None
        source = DocumentBody.model_validate_json(row["body"]).source
        if source is None:
            return None
        blob = media_rows.find_blob(tx, workspace_id=row["workspace_id"], sha256=source.sha256)
        if blob is None:
            return None
        return served_blob(blob, name=row["name"])._replace(media_type=source.media_type)

    def list_grid(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        *,
        wanted: GridFilter,
        sort: GridSort,
        is_descending: bool,
        after: GridCursor | None,
        limit: int,
    ) -> list[GridRow]:
        """Return a page of a project's items with their tasks, by one statement.

        Members below reviewer do not learn which tasks are gold or what others said: such columns come empty.

        Raises:
            PermissionDeniedError: A member below reviewer filters or sorts by what it may not see.
        """
        sees_all = access.role.allows(Role.REVIEWER)
        if not sees_all:
            _refuse_peeking(access, wanted, sort)
        rows = grid.list_grid(
            tx,
            project_id=project_id,
            wanted=wanted,
            sort=sort,
            is_descending=is_descending,
            after=after,
            limit=limit,
        )
        return rows if sees_all else [_veiled(row) for row in rows]

    def count_grid(self, tx: Transaction, access: Access, project_id: str, wanted: GridFilter) -> int:
        """Return how many items of a project fit; errors as ``list_grid``."""
        if not access.role.allows(Role.REVIEWER):
            _refuse_peeking(access, wanted, GridSort.CREATED)
        return grid.count_grid(tx, project_id=project_id, wanted=wanted)


def _require(row: Row | None) -> Row:
    if row is None:
        raise NotFoundError("there is no such item")
    if row["deleted_ms"] is not None:
        raise GoneError("the item was deleted")
    return row


def _refuse_peeking(access: Access, wanted: GridFilter, sort: GridSort) -> None:
    is_of_others = wanted.member_id not in (None, access.member_id)
    plain = GridFilter(
        batch_id=wanted.batch_id,
        state=wanted.state,
        text=wanted.text,
        group_key=wanted.group_key,
        metadata=wanted.metadata,
        member_id=wanted.member_id,
    )
    is_of_labels = wanted != plain
    if is_of_others or is_of_labels or sort in (GridSort.POSTERIOR, GridSort.OBJECTS):
        raise PermissionDeniedError("only reviewers and above may filter by labels, gold or other members")


def _veiled(row: GridRow) -> GridRow:
    return row._replace(is_gold=None, classes={}, object_count=0, lowest_posterior=None, submission_count=0)
