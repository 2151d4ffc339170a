"""What every task type takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NoReturn, Protocol

from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import UserError
from goldsmith.core.ontology import Ontology
from goldsmith.items.api import PageArea

PartKind = Literal["text", "markdown", "image", "pdf", "audio", "video", "website"]
ItemKind = Literal["image", "text", "document", "pages"]
Params = Mapping[str, Any]
Limits = dict[str, dict[str, int]]
"""For a kind of geometry: min_width_px, min_height_px, min_points, max_points, min_count, max_count."""


class ParameterFault(UserError):  # noqa: N818 - the name of the contract
    """A parameter does not hold; told in Scale's own words.

    Args:
        reason: What is wrong, such as ``"attachments" is required``.
    """

    code = "invalid_parameter"
    status = 400
    title = "Invalid parameter"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Parameter is invalid, reason: {reason}")
        self.reason = reason


class NotEnabledFault(UserError):  # noqa: N818 - the name of the contract
    """Something of Scale's that goldsmith has no place to work on yet."""

    code = "not_enabled"
    status = 402
    title = "Not enabled"


@dataclass(frozen=True)
class PartRequest:
    """Something to be shown.

    Attributes:
        kind: What it is.
        url: Where it is to be fetched from (``http``, ``https``, ``scaledata``); for a website, where it is.
        text: The text itself; exactly one of ``url`` and ``text`` is there.
        title: What it is called, if it is.
    """

    kind: PartKind
    url: str | None = None
    text: str | None = None
    title: str | None = None

    @property
    def is_fetched(self) -> bool:
        """Say whether its bytes have to be brought here: websites are only linked to."""
        return self.url is not None and self.kind != "website"


@dataclass(frozen=True)
class ItemFacts:
    """What a response says about the item that is not in its labels.

    Attributes:
        width_px: Of the item; the number of code points of a text.
        height_px: Of the item; 1 for a text.
        text: Of a text item.
        files: Bytes by URL, for responses that name files; see ``CheckedTask.files``.
        active_s: How long people worked on it, in seconds.
        pages: Where the pages of a document lie in the plane that its objects are drawn in; of a picture, the whole.
            Empty where nothing is known of the item yet.
    """

    width_px: int = 640
    height_px: int = 480
    text: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    active_s: int = 0
    pages: tuple[PageArea, ...] = ()


@dataclass(frozen=True)
class ResponseFile:
    """A file that a response names; it stands in the body until ``place_files`` puts its URL there.

    Attributes:
        name: What a download of it is called.
        data: Its bytes.
        media_type: Such as ``image/png``.
    """

    name: str
    data: bytes
    media_type: str = "image/png"


@dataclass(frozen=True)
class CheckedTask:
    """A task whose parameters hold.

    Attributes:
        task_type: Its name in Scale's API.
        parts: What is to be labelled, in order.
        context: What is only to be shown.
        item_kind: Which kind of item the parts make; ``image`` and ``text`` have exactly one part. ``pages`` are drawn
            on: one picture is an image, other files are a document of all their pages.
        ontology: Only what this task asks for. Ids follow from content: equal definitions have equal ids.
        class_ids: The classes that may be used: leaves, not the folders above them.
        limits: By kind of geometry.
        instructions: Markdown.
        detail: What its task type needs to read and write responses.
        prelabel: Makes the labels that the work begins with, given the item; None without any.
        files: URLs whose bytes ``prelabel`` needs in ``ItemFacts.files``.
    """

    task_type: str
    parts: tuple[PartRequest, ...]
    context: tuple[PartRequest, ...]
    item_kind: ItemKind
    ontology: Ontology
    class_ids: tuple[str, ...]
    limits: Limits
    instructions: str
    detail: Any
    prelabel: Callable[[ItemFacts], Labelling] | None = None
    files: tuple[str, ...] = ()

    @property
    def attribute_ids(self) -> tuple[str, ...]:
        """The attributes of objects that are asked."""
        found = (attribute.attribute_id for entry in self.ontology.classes for attribute in entry.attributes)
        return tuple(dict.fromkeys(found))

    @property
    def question_ids(self) -> tuple[str, ...]:
        """The item-level questions that are asked."""
        return tuple(question.attribute_id for question in self.ontology.questions)

    @property
    def relation_type_ids(self) -> tuple[str, ...]:
        """The relations that may be drawn."""
        return tuple(entry.relation_type_id for entry in self.ontology.relation_types)


class TaskType(Protocol):
    """One task type."""

    @property
    def name(self) -> str:
        """Its name in Scale's API."""
        ...

    def check(self, params: Params) -> CheckedTask:
        """Read the parameters of a task.

        Raises:
            ParameterFault: One of them does not hold.
            NotEnabledFault: They ask for what goldsmith has no workbench for.
        """
        ...

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:
        """Return the response in Scale's schema; files stand in it as ``ResponseFile`` (see ``place_files``).

        Objects of classes that the task did not ask for are left out.
        """
        ...

    def labelling_from(
        self, response: Any, checked: CheckedTask, item: ItemFacts, *, where: str = "response"
    ) -> Labelling:
        """Read a response: the inverse of ``response``.

        Args:
            response: As it came.
            checked: The task.
            item: What it is about.
            where: What faults call it, such as ``expected_response``.

        Raises:
            ParameterFault: It is not a response to this task.
        """
        ...

    def canned(self, checked: CheckedTask, item: ItemFacts) -> Labelling:
        """Return labels that hold, for test mode: always the same for the same task."""
        ...


@dataclass(frozen=True)
class NotEnabled:
    """A task type that is known and cannot be worked on here yet.

    Attributes:
        name: In Scale's API.
        sentence: Says so.
    """

    name: str
    sentence: str
    status: Final[int] = 402

    def refuse(self) -> NoReturn:
        """Raise what says so.

        Raises:
            NotEnabledFault: Always.
        """
        raise NotEnabledFault(self.sentence)


def place_files(body: Any, place: Callable[[ResponseFile], str]) -> Any:
    """Return a response with each file replaced by its URL.

    Args:
        body: A response, or a part of one.
        place: Keeps a file and tells its URL.
    """
    if isinstance(body, ResponseFile):
        return place(body)
    if isinstance(body, dict):
        return {key: place_files(value, place) for key, value in body.items()}
    if isinstance(body, list):
        return [place_files(value, place) for value in body]
    return body
