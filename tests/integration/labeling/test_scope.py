"""Tasks that ask for something of their own, staged batches, and who is told what became of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from goldsmith.accounts.api import Role
from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.core.ontology import Attribute, Ontology
from goldsmith.items.api import (
    AnswerChange,
    ChangeContext,
    ItemsService,
    LabelsAs,
    Part,
    PartKind,
    TaskScope,
    read_original,
)
from goldsmith.labeling.types import (
    Answered,
    ConsensusOutcome,
    Decision,
    ReviewBody,
    SkipBody,
    Stage,
    TaskResult,
    TaskState,
    Verdict,
)
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import BatchState
from tests.integration.labeling.conftest import House, PlainQuality, labelling

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 4
TEXT = "Ada 👩‍🔬 met Charles."


class Follower:
    """Writes down what it hears, with what the tasks are at that moment."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._heard: list[list[tuple[str, str, int]]] = []

    def on_tasks_changed(self, tx: Transaction, *, project_id: str, task_ids: Sequence[str]) -> None:
        assert project_id == self._house.project_id
        found = self._house.labeling.result_of(tx, task_ids)
        assert [entry.task_id for entry in found] == list(dict.fromkeys(task_ids))
        self._heard.append([(entry.task_id, entry.state.value, entry.consensus_version) for entry in found])

    def heard(self) -> list[tuple[str, str, int]]:
        """Return what was heard since the last look."""
        said, self._heard = [entry for call in self._heard for entry in call], []
        return said


class AnsweringQuality(PlainQuality):
    """A quality whose objects stay as they are when leads answer."""

    def on_answered(
        self, tx: Transaction, *, project_id: str, entries: Sequence[Answered]
    ) -> list[ConsensusOutcome]:
        return []


@pytest.fixture
def follower(house: House) -> Follower:
    following = Follower(house)
    house.labeling.use_follower(following)
    house.project(review={"mode": "all"}, skip_reasons=["unclear"])
    return following


def result(house: House, task_id: str, **more: Any) -> TaskResult:
    (found,) = house.write(lambda tx: house.labeling.result_of(tx, [task_id], **more))
    assert isinstance(found, TaskResult)
    return found


def test_who_follows_hears_of_the_end_of_a_task_and_of_its_new_beginning(
    house: House, follower: Follower
) -> None:
    (task_id,) = house.tasks(1)
    ann, rob = house.member("ann"), house.member("rob", Role.REVIEWER)
    assert house.write(lambda tx: house.labeling.has_begun(tx, [task_id])) == set()
    house.submit(ann, house.next(ann))
    house.resolve(task_id)
    assert house.state(task_id) == "review"
    assert follower.heard() == []
    lease = house.next(rob, Stage.REVIEW)
    fix = labelling((1.0, 1.0, 2.0, 2.0))
    body = ReviewBody(token=lease.token, request_key="fix", verdict=Verdict.FIX, labelling=fix)
    house.write(lambda tx: house.labeling.review(tx, rob, judgement_id=lease.judgement_id, body=body))
    assert follower.heard() == [(task_id, "done", 2)]
    became = result(house, task_id)
    assert (became.state, became.verdict, became.method) == (TaskState.DONE, Verdict.FIX, "review")
    assert Labelling.model_validate_json(became.labelling or "") == fix
    assert became.done_ms == house.clock.now_ms() == became.reviewed_ms
    assert result(house, task_id, with_labels=False) == became._replace(labelling=None)
    house.clock.advance(1000)
    house.resolve(task_id)  # another version of a done task
    assert follower.heard() == [(task_id, "done", 3)]
    assert result(house, task_id).done_ms == became.done_ms
    house.write(
        lambda tx: house.labeling.requeue(
            tx, project_id=house.project_id, task_ids=[task_id], extra_judgements=1
        )
    )
    assert follower.heard() == [(task_id, "open", 3)]
    assert result(house, task_id).done_ms is None


def test_who_follows_hears_of_all_that_is_done_to_many(house: House, follower: Follower) -> None:
    made = house.tasks(2, labelling=labelling(), labels_as=LabelsAs.ACCEPTED)
    assert sorted(follower.heard()) == sorted((task_id, "done", 1) for task_id in made)
    assert result(house, made[0]).method == "imported"
    waiting, gold, skipped, item_gone = house.tasks(4)
    house.write(
        lambda tx: house.labeling.mark_gold(tx, project_id=house.project_id, answers={gold: labelling()})
    )
    assert follower.heard() == [(gold, "idle", 0)]
    known = result(house, gold)
    assert (known.is_gold, known.method, known.ontology_version) == (True, "gold", 1)
    assert Labelling.model_validate_json(known.labelling or "") == labelling()
    house.write(
        lambda tx: house.labeling.rest_gold(
            tx, project_id=house.project_id, task_id=gold, is_retired=True, by=None, why="leaked"
        )
    )
    assert follower.heard() == [(gold, "done", 0)]
    assert result(house, gold).done_ms is not None
    item_id = house.task(item_gone)["item_id"]
    house.write(lambda tx: house.labeling.on_items_deleted(tx, item_ids=[item_id]))
    assert follower.heard() == [(item_gone, "cancelled", 0)]
    house.write(lambda tx: house.labeling.on_items_restored(tx, item_ids=[item_id]))
    assert follower.heard() == [(item_gone, "open", 0)]
    house.write(lambda tx: house.labeling.set_priority(tx, [skipped], 5))
    for name in ("a", "b", "c"):
        member = house.member(name)
        lease = house.next(member)
        assert lease.task_id == skipped
        body = SkipBody(token=lease.token, reason="unclear")
        house.write(
            lambda tx, who=member, one=lease, why=body: house.labeling.skip(
                tx, who, judgement_id=one.judgement_id, body=why
            )
        )
    assert follower.heard() == [(skipped, "idle", 0)]
    cancelled = house.write(lambda tx: house.labeling.cancel_tasks(tx, [waiting, gold, *made, "tsk_none"]))
    assert cancelled == [waiting]
    assert follower.heard() == [(waiting, "cancelled", 0)]


def test_who_follows_hears_of_answers_for_many_items(house: House, follower: Follower) -> None:
    house.labeling.use_quality(AnsweringQuality())  # type: ignore[arg-type]
    ontology = Ontology(
        questions=[Attribute.model_validate({"attribute_id": "q", "name": "Q", "kind": "text"})]
    )
    house.write(
        lambda tx: house.projects.put_ontology(tx, house.manager, house.project_id, ontology=ontology)
    )
    (task_id,) = house.tasks(1)
    change = AnswerChange(question_id="q", value="x", is_final=True)
    context = ChangeContext(house.project_id, "chg_1", house.manager.member_id)
    before = house.write(
        lambda tx: house.labeling.answer_tasks(tx, context, task_ids=[task_id], change=change)
    )
    assert follower.heard() == [(task_id, "done", 1)]
    house.write(lambda tx: house.labeling.take_answers_back(tx, context, change=change, before=before))
    assert follower.heard()[-1] == (task_id, "open", 0)


def test_begun_is_what_somebody_held(house: House) -> None:
    house.project(overlap=2)
    first, second, third = house.tasks(3)
    ann = house.member("ann")
    lease = house.next(ann)
    house.write(
        lambda tx: house.labeling.release(tx, ann, judgement_id=lease.judgement_id, token=lease.token)
    )
    house.write(lambda tx: house.labeling.set_priority(tx, [third], 3))
    assert house.next(ann).task_id == first, "what came back goes first"
    assert house.next(ann).task_id == third
    assert house.write(lambda tx: house.labeling.has_begun(tx, [first, second, third])) == {first, third}


def test_a_staged_batch_waits_until_it_is_opened(house: House) -> None:
    house.project(review={"mode": "all"})
    change = house.projects.change_batch

    def staged(tx: Transaction) -> str:
        batch = house.projects.create_batch(
            tx, house.manager, house.project_id, name="later", state=BatchState.STAGING
        )
        return batch.batch_id

    batch_id = house.batch_id = house.write(staged)
    (task_id,) = house.tasks(1)
    ann = house.member("ann")
    assert house.next(ann) is None
    house.write(  # a task that is asked for again waits as well
        lambda tx: house.labeling.requeue(
            tx, project_id=house.project_id, task_ids=[task_id], extra_judgements=1
        )
    )
    assert house.next(ann) is None
    with pytest.raises(ConflictError, match="waits already"):
        house.write(lambda tx: change(tx, house.manager, batch_id, state=BatchState.PAUSED))
    house.write(lambda tx: change(tx, house.manager, batch_id, priority=3))
    assert house.next(ann) is None
    house.write(lambda tx: change(tx, house.manager, batch_id, state=BatchState.OPEN))
    assert house.next(ann).task_id == task_id
    with pytest.raises(ConflictError, match="not staged any more"):
        house.write(lambda tx: change(tx, house.manager, batch_id, state=BatchState.STAGING))
    view = house.write(lambda tx: house.projects.list_batches(tx, house.project_id, before=None, limit=1))[0]
    assert (view.state, view.is_completed) == (BatchState.OPEN, False)
    house.write(lambda tx: house.labeling.cancel_tasks(tx, [task_id]))
    view = house.write(lambda tx: house.projects.list_batches(tx, house.project_id, before=None, limit=1))[0]
    assert view.is_completed


def test_a_scope_holds_for_fixes_and_known_answers(house: House) -> None:
    house.project(review={"mode": "all"})
    (task_id,) = house.tasks(1, scope=TaskScope(class_ids=["person"]))
    wrong, right = labelling(class_id="car"), labelling(class_id="person")
    with pytest.raises(InvalidInputError) as refused:
        house.write(
            lambda tx: house.labeling.mark_gold(tx, project_id=house.project_id, answers={task_id: wrong})
        )
    assert [fault.where for fault in refused.value.faults] == ["annotations[0].class_id"]
    ann, rob = house.member("ann"), house.member("rob", Role.REVIEWER)
    house.submit(ann, house.next(ann), right)
    house.write(
        lambda tx: house.labeling.after_consensus(
            tx,
            project_id=house.project_id,
            outcomes=[
                house.quality.store(
                    tx, house.project_id, Decision(task_id, "sub_x", right.as_json(), "detection")
                )
            ],
        )
    )
    lease = house.next(rob, Stage.REVIEW)
    body = ReviewBody(token=lease.token, request_key="k", verdict=Verdict.FIX, labelling=wrong)
    with pytest.raises(InvalidInputError):
        house.write(lambda tx: house.labeling.review(tx, rob, judgement_id=lease.judgement_id, body=body))
    body = body.model_copy(update={"labelling": right})
    house.write(lambda tx: house.labeling.review(tx, rob, judgement_id=lease.judgement_id, body=body))
    assert house.state(task_id) == "done"


def test_originals_are_read_wherever_they_are_kept(house: House) -> None:
    items = ItemsService(house.machine, house.projects)
    file = items.put_file("wsp_test", PDF)
    (text,) = house.write(lambda tx: items.text_media(tx, workspace_id="wsp_test", texts=[TEXT]))
    for sha256, data in ((file.sha256, PDF), (text.sha256, TEXT.encode())):
        assert read_original(house.machine, workspace_id="wsp_test", sha256=sha256) == data
    with pytest.raises(NotFoundError):
        read_original(house.machine, workspace_id="wsp_other", sha256=text.sha256)


def test_parts_name_files_of_the_workspace_only(house: House) -> None:
    items = ItemsService(house.machine, house.projects)
    part = Part(kind=PartKind.PDF, sha256="0" * 64)
    with pytest.raises(InvalidInputError, match="no file of this sha256"):
        house.write(lambda tx: items.document_media(tx, workspace_id="wsp_test", documents=[[part]]))
