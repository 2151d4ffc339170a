"""Arriving: a task whose files are here becomes an item and a task of goldsmith, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from goldsmith.accounts.api import Access, Role
from goldsmith.compat.scale_v1.callbacks import CallbackWish
from goldsmith.compat.scale_v1.service.foundation import Foundation
from goldsmith.compat.scale_v1.store import tasks as store
from goldsmith.compat.scale_v1.task_types.ontologies import union
from goldsmith.compat.scale_v1.task_types.registry import task_type_of
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, ParameterFault, PartRequest
from goldsmith.compat.scale_v1.types import Arrival, Purpose, Space, TaskRow, TaskStatus
from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Ontology
from goldsmith.items.api import (
    MAX_PARTS,
    GeometryLimits,
    ItemKind,
    KnownMedia,
    LabelsAs,
    NewItem,
    NewTask,
    PageArea,
    Part,
    PartKind,
    SourceFile,
    TaskScope,
    pages_of_parts,
)
from goldsmith.labeling.api import faults_in_scope
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import DEFAULT_BATCH, Migration, ProjectSetup, Remedy, Rule
from goldsmith.quality.api import Lesson

MAX_PRIORITY: Final = 1_000_000
OWN_INSTRUCTION: Final = "own_instruction"
"""Where a task's instruction is kept as it came: that of its parameters begins with the project's."""
_GOLD_RATE: Final = 0.05
"""Share of hidden known answers, once a project has the first and nobody said another share."""


class StoredPart(NamedTuple):
    """A file that is here.

    Attributes:
        media: What is known of it, where it is a picture to be labelled.
        data: Its bytes, where pre-labels are read from it.
        pages: Its pages, where they are to be labelled.
        source: The file itself, where its pages were made of it.
    """

    sha256: str
    media_type: str
    name: str
    media: KnownMedia | None = None
    data: bytes | None = None
    pages: tuple[Part, ...] = ()
    source: SourceFile | None = None


@dataclass(frozen=True)
class Order:
    """A task that was asked for, checked.

    Attributes:
        instructions: The task's own, shown after the project's.
        answers: ``expected_response`` and ``initial_response``.
        accepted: A response that is taken as it is: the task was finished elsewhere.
    """

    scale_id: str
    access: Access
    space: Space
    project_id: str
    batch_id: str | None
    purpose: Purpose
    type: str
    priority: int
    checked: CheckedTask
    answers: Mapping[str, Any] = field(default_factory=dict)
    accepted: Mapping[str, Any] | None = None


class Arriving(Foundation):
    """The part of the service that brings tasks into goldsmith."""

    def widen_ontology(self, tx: Transaction, order: Order) -> ProjectSetup:
        """Add to the project's ontology what a task asks for beyond it.

        Raises:
            VersionConflictError: Another one does so at this moment; going again settles it.
        """
        setup = self.steps.items.open_setup(tx, order.project_id)
        widened = union(setup.ontology, order.checked.ontology)
        if widened == setup.ontology:
            return setup
        self.steps.projects.put_ontology(
            tx,
            order.access,
            order.project_id,
            ontology=widened,
            note="for a task of the task API",
            migration=self._kept_labels(tx, order.project_id, widened),
            base_version=setup.project.ontology_version,
        )
        return self.steps.projects.get_setup(tx, order.project_id)

    def arrive(
        self, tx: Transaction, order: Order, setup: ProjectSetup, files: Mapping[str, StoredPart]
    ) -> str:
        """Make the item and the task; return the task's id.

        Args:
            tx: The transaction.
            order: What is asked for.
            setup: Of its project, with all that the task asks for.
            files: By URL: every file of the order.

        Raises:
            ParameterFault: Labels that came with it do not fit.
        """
        checked, items = order.checked, self.steps.items
        media = self._media_of(tx, order, files)
        facts = _facts_of(checked, media, files)
        scope = scope_of(checked, files)
        labelling, labels_as = self._labels_of(order, setup, scope, facts)
        name = _name_of(checked, files)
        item = NewItem(
            name=name,
            sha256=media.sha256,
            width_px=media.width_px,
            height_px=media.height_px,
            kind=media.kind,
            metadata={"scale_task_id": order.scale_id},
            source="task API",
        )
        item_id = items.create_items(tx, workspace_id=order.space.workspace_id, entries=[item])[0]
        batch_id = order.batch_id or self._default_batch(tx, order)
        entry = NewTask(item_id, labelling, labels_as, order.priority, name=name, scope=scope)
        task_id = items.make_tasks(tx, project_id=order.project_id, batch_id=batch_id, entries=[entry])[0]
        if order.purpose is not Purpose.PRODUCTION:
            self._settle_known(tx, order, setup, task_id, facts)
        return task_id

    def store_pages(self, workspace_id: str, name: str, data: bytes) -> StoredPart:
        """Store a file that is labelled page by page: as its pages, or as the picture that it is.

        Raises:
            CorruptMediaError: It cannot be used; the detail says why.
        """
        put = self.steps.items.put_pages(workspace_id, data)
        file = put.parts[0] if put.source is None else put.source
        return StoredPart(
            file.sha256 or "", file.media_type or "", name, put.picture, pages=put.parts, source=put.source
        )

    def fail(self, tx: Transaction, task: TaskRow, *, error: str) -> None:
        """Note that a task cannot be worked on, and tell its callback; nothing happens when it was canceled."""
        if task.status is not TaskStatus.PENDING or task.arrival is not Arrival.WAITING:
            return
        values: dict[str, Any] = {
            "arrival": Arrival.FAILED.value,
            "error": error,
            "updated_ms": self._now_ms(),
        }
        if task.params.get("clear_unique_id_on_error") in (True, "true"):
            values["unique_id"] = None
        store.change_task(tx, task.scale_id, **values)
        self.tell_task(tx, task, event="error")

    def tell_task(self, tx: Transaction, task: TaskRow, *, event: str) -> bool:
        """Queue the callback of a task; False where there is nobody to tell: known answers have no callback."""
        if task.purpose is not Purpose.PRODUCTION:
            return False
        wish = CallbackWish(
            workspace_id=task.space.workspace_id,
            kind="task",
            subject_id=task.scale_id,
            event=event,
            url=task.callback_url,
            is_test=task.space.is_test,
        )
        return self.steps.callbacks.queue(tx, [wish]) > 0

    def order_of(self, task: TaskRow) -> Order:
        """Return what a stored task asked for; acting as the member whose key made it."""
        access = Access(
            task.space.workspace_id, task.created_by, None, "", Role.MANAGER, task.project_id, "service"
        )
        return Order(
            scale_id=task.scale_id,
            access=access,
            space=task.space,
            project_id=task.project_id,
            batch_id=task.batch_id,
            purpose=task.purpose,
            type=task.type,
            priority=task.priority,
            checked=check(task.type, _own_params(task)),
            answers=task.answers,
        )

    # --- parts

    def _kept_labels(self, tx: Transaction, project_id: str, widened: Ontology) -> Migration:
        """Say that labels of other tasks stay as they are: what is required of a task is required by its own scope."""
        findings = self.steps.projects.check_ontology(tx, project_id, ontology=widened).findings
        rules = [
            Rule(subject=finding.subject, action=Remedy.KEEP)
            for finding in findings
            if Remedy.KEEP in finding.remedies
        ]
        return Migration(rules=rules)

    def _media_of(self, tx: Transaction, order: Order, files: Mapping[str, StoredPart]) -> KnownMedia:
        checked, workspace_id = order.checked, order.space.workspace_id
        first = checked.parts[0]
        if checked.item_kind == "image":
            media = files[first.url or ""].media
            assert media is not None, "seen to when the file was brought here"
            return media
        if checked.item_kind == "text":
            text = first.text if first.text is not None else _text_of(files[first.url or ""])
            if not text:
                raise ParameterFault('"text" is not allowed to be empty')
            return self.steps.items.text_media(tx, workspace_id=workspace_id, texts=[text])[0]
        source = None
        if checked.item_kind == "pages":
            found = [files[part.url or ""] for part in checked.parts]
            if len(found) == 1 and found[0].media is not None:
                return found[0].media
            parts = [page for file in found for page in file.pages]
            source = found[0].source if len(found) == 1 else None
            if len(parts) > MAX_PARTS:
                raise ParameterFault(
                    f'"attachments" have {len(parts)} pages together; at most {MAX_PARTS} are taken'
                )
        else:
            parts = [part_of(part, files) for part in checked.parts]
        documents = self.steps.items.document_media(
            tx, workspace_id=workspace_id, documents=[parts], source=source
        )
        return documents[0]

    def _labels_of(
        self, order: Order, setup: ProjectSetup, scope: TaskScope, facts: ItemFacts
    ) -> tuple[Labelling | None, LabelsAs]:
        task_type = task_type_of(order.type)
        if order.purpose is not Purpose.PRODUCTION:
            expected = task_type.labelling_from(order.answers["expected_response"], order.checked, facts)
            faults = faults_in_scope(expected, setup.ontology, scope)
            if faults:
                raise ParameterFault(
                    f'"expected_response" does not hold: {faults[0].where}: {faults[0].what}'
                )
            return expected, LabelsAs.GOLD
        if order.accepted is not None:
            accepted = task_type.labelling_from(order.accepted, order.checked, facts)
            unlimited = scope.model_copy(
                update={"limits": {}}
            )  # what was accepted there is small enough here
            faults = faults_in_scope(accepted, setup.ontology, unlimited)
            if faults:
                raise ParameterFault(f'"response" does not hold: {faults[0].where}: {faults[0].what}')
            return accepted, LabelsAs.ACCEPTED
        if order.checked.prelabel is None:
            return None, LabelsAs.NONE
        return order.checked.prelabel(facts), LabelsAs.PRELABELS

    def _settle_known(
        self, tx: Transaction, order: Order, setup: ProjectSetup, task_id: str, facts: ItemFacts
    ) -> None:
        """Let a known answer begin from its flawed response, or make it a lesson of the project's course."""
        initial = order.answers.get("initial_response")
        if initial is not None:
            start = task_type_of(order.type).labelling_from(initial, order.checked, facts)
            self.steps.labeling.store_prediction(
                tx, project_id=order.project_id, task_id=task_id, labelling=start, model_version_id=None
            )
        if order.purpose is Purpose.TRAINING:
            quality, project_id = self.steps.quality, order.project_id
            quality.retire_gold(tx, order.access, project_id=project_id, task_id=task_id)
            course = quality.get_course(tx, project_id)
            lessons = [*course.lessons, Lesson(task_id=task_id)]
            longer = course.model_copy(update={"lessons": lessons})
            quality.set_course(tx, order.access, project_id=project_id, course=longer)
        elif setup.workflow.gold_rate == 0.0 and not self._has_evaluations(tx, order):
            workflow = setup.workflow.model_copy(update={"gold_rate": _GOLD_RATE})
            note = "the first evaluation task of the task API"
            self.steps.projects.put_workflow(tx, order.access, order.project_id, workflow=workflow, note=note)

    @staticmethod
    def _has_evaluations(tx: Transaction, order: Order) -> bool:
        return store.count_known(tx, order.project_id, purpose=Purpose.EVALUATION) > 0

    def _default_batch(self, tx: Transaction, order: Order) -> str:
        batch = self.steps.items.open_batch(
            tx, order.project_id, name=DEFAULT_BATCH, created_by=order.access.member_id
        )
        return batch.batch_id


def _own_params(task: TaskRow) -> dict[str, Any]:
    own = task.answers.get(OWN_INSTRUCTION, task.params.get("instruction"))
    return {**task.params, "instruction": own}


def check(type_name: str, params: Mapping[str, Any]) -> CheckedTask:
    """Return what parameters mean.

    Raises:
        ParameterFault: One does not hold.
        NotEnabledFault: Nobody can work on this type here.
    """
    return task_type_of(type_name).check(params)


def scope_of(checked: CheckedTask, files: Mapping[str, StoredPart]) -> TaskScope:
    """Return what a task asks for of all that its project asks for."""
    limits = {kind: GeometryLimits.model_validate(bounds) for kind, bounds in checked.limits.items()}
    return TaskScope(
        instructions=checked.instructions,
        class_ids=list(checked.class_ids),
        attribute_ids=list(checked.attribute_ids),
        question_ids=list(checked.question_ids),
        relation_type_ids=list(checked.relation_type_ids),
        limits=limits,
        context=[part_of(part, files) for part in checked.context],
    )


def part_of(request: PartRequest, files: Mapping[str, StoredPart]) -> Part:
    """Return a part of a document, or what is shown beside an item."""
    title = request.title or ""
    kind = PartKind(request.kind)
    if request.text is not None:
        return Part(kind=kind, text=request.text, title=title)
    if not request.is_fetched:
        return Part(kind=kind, url=request.url, title=title)
    file = files[request.url or ""]
    return Part(kind=kind, sha256=file.sha256, media_type=file.media_type, title=title)


def _facts_of(checked: CheckedTask, media: KnownMedia, files: Mapping[str, StoredPart]) -> ItemFacts:
    data = {url: files[url].data or b"" for url in checked.files}
    text = ""
    if checked.item_kind == "text":
        first = checked.parts[0]
        text = first.text if first.text is not None else _text_of(files[first.url or ""])
    pages = _areas_of(checked, media, files)
    return ItemFacts(width_px=media.width_px, height_px=media.height_px, text=text, files=data, pages=pages)


def _areas_of(
    checked: CheckedTask, media: KnownMedia, files: Mapping[str, StoredPart]
) -> tuple[PageArea, ...]:
    if media.kind is ItemKind.IMAGE:
        return (PageArea(top=0, width=media.width_px, height=media.height_px),)
    if checked.item_kind != "pages":
        return ()
    return pages_of_parts([page for part in checked.parts for page in files[part.url or ""].pages])


def _text_of(file: StoredPart) -> str:
    try:
        return (file.data or b"").decode("utf-8-sig").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    except UnicodeDecodeError as error:
        raise ParameterFault('"attachment" must be a text in UTF-8') from error


def _name_of(checked: CheckedTask, files: Mapping[str, StoredPart]) -> str:
    first = checked.parts[0]
    if first.title:
        return first.title[:200]
    if first.url is not None:
        given = files[first.url].name if first.url in files else ""
        return (given or unquote(PurePosixPath(urlsplit(first.url).path).name) or first.url)[:200]
    return " ".join((first.text or "").split())[:80] or "text"
