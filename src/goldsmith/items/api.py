"""What other steps may use of items."""

from goldsmith.items.service import ItemsService
from goldsmith.items.store import ITEM_COLUMNS, media_urls, view_of
from goldsmith.items.types import (
    ItemKind,
    ItemView,
    LabelsAs,
    MediaUrls,
    MediaVariant,
    NewItem,
    NewTask,
    TaskMaker,
)

__all__ = [
    "ITEM_COLUMNS",
    "ItemKind",
    "ItemView",
    "ItemsService",
    "LabelsAs",
    "MediaUrls",
    "MediaVariant",
    "NewItem",
    "NewTask",
    "TaskMaker",
    "media_urls",
    "view_of",
]
