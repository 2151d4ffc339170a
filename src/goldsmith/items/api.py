"""What other steps may use of items."""

from goldsmith.items.media import load_upright
from goldsmith.items.policy.facets import KEPT_FROM, Facet, answer_key, facets_of, values_of
from goldsmith.items.policy.files import FileKind, tell_file
from goldsmith.items.policy.pages import page_at, page_of_shape, pages_of_body, pages_of_parts
from goldsmith.items.records import ItemRecord, records_by_id
from goldsmith.items.sending import PARTIAL_RESPONSES, send_media
from goldsmith.items.service import ItemsService
from goldsmith.items.service.contents import (
    DOCUMENT_TYPE,
    files_of_document,
    read_original,
    served_part,
    source_of_document,
)
from goldsmith.items.service.paging import page_part
from goldsmith.items.store.items import ITEM_BODY, ITEM_COLUMNS, content_of, media_urls, view_of
from goldsmith.items.types import (
    GeometryLimits,
    ImportPlan,
    ItemFollower,
    ItemKind,
    ItemView,
    KnownMedia,
    LabelsAs,
    MediaUrls,
    MediaVariant,
    NewItem,
    NewTask,
    PageArea,
    Part,
    PartKind,
    PartView,
    ScopeRules,
    ServedMedia,
    SourceFile,
    StoredFile,
    TaskMaker,
    TaskScope,
    TaskScopeView,
)
from goldsmith.items.types.changes import AnswerChange, ChangeContext, MoveChange, RequeueChange, TaskHand
from goldsmith.items.types.parts import MAX_PARTS

__all__ = [
    "DOCUMENT_TYPE",
    "ITEM_BODY",
    "ITEM_COLUMNS",
    "KEPT_FROM",
    "MAX_PARTS",
    "PARTIAL_RESPONSES",
    "AnswerChange",
    "ChangeContext",
    "Facet",
    "FileKind",
    "GeometryLimits",
    "ImportPlan",
    "ItemFollower",
    "ItemKind",
    "ItemRecord",
    "ItemView",
    "ItemsService",
    "KnownMedia",
    "LabelsAs",
    "MediaUrls",
    "MediaVariant",
    "MoveChange",
    "NewItem",
    "NewTask",
    "PageArea",
    "Part",
    "PartKind",
    "PartView",
    "RequeueChange",
    "ScopeRules",
    "ServedMedia",
    "SourceFile",
    "StoredFile",
    "TaskHand",
    "TaskMaker",
    "TaskScope",
    "TaskScopeView",
    "answer_key",
    "content_of",
    "facets_of",
    "files_of_document",
    "load_upright",
    "media_urls",
    "page_at",
    "page_of_shape",
    "page_part",
    "pages_of_body",
    "pages_of_parts",
    "read_original",
    "records_by_id",
    "send_media",
    "served_part",
    "source_of_document",
    "tell_file",
    "values_of",
    "view_of",
]
