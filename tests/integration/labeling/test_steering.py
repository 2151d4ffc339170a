"""Gold, predictions, imported labels, requeues, batches and changed workflows."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.accounts.api import Role
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.items.api import LabelsAs, NewTask
from goldsmith.labeling.types import LostLease, NewPrediction, Stage, TaskPayload, TaskState
from goldsmith.projects.api import BatchState, Workflow
from tests.integration.labeling.conftest import House, labelling

GOLD = labelling((5, 5, 50, 50))


def change_batch(house: House, **change: Any) -> None:
    def run(tx: Any) -> None:
        batch = house.projects.get_batch(tx, house.batch_id).model_copy(update=change)
        house.write_batch(tx, batch)
        house.labeling.on_batch_changed(tx, batch=batch)

    house.write(run)


def change_workflow(house: House, **change: Any) -> None:
    def run(tx: Any) -> None:
        before = house.projects.get_workflow(tx, house.project_id)
        after = Workflow.model_validate({**before.model_dump(), **change})
        house.projects.put_workflow(tx, house.manager, project_id=house.project_id, workflow=after)

    house.write(run)


# --- gold


def test_gold_is_mixed_in_and_looks_like_any_other_task(house: House) -> None:
    house.project(gold_rate=0.5)
    gold = house.tasks(4, labelling=GOLD, labels_as=LabelsAs.GOLD)
    plain = house.tasks(12)
    ann = house.member("ann")
    met: list[str] = []
    shapes: set[tuple[str, ...]] = set()
    while (lease := house.next(ann)) is not None:
        payload = TaskPayload.model_validate_json(lease.to_json())
        shapes.add((payload.task.state, str(payload.prelabel), str(payload.task.batch_id)))
        answer = house.submit(ann, lease)
        assert answer.task_state is TaskState.RESOLVING
        met.append(lease.task_id)
    assert len(shapes) == 1
    assert sorted(met) == sorted({*plain, *(set(met) & set(gold))})
    assert set(met) & set(gold)
    evidence = house.write(lambda tx: house.labeling.gold_evidence(tx, house.project_id))
    assert {row.task_id for row in evidence} == set(met) & set(gold)
    assert {row.gold_labelling for row in evidence} == {GOLD.model_dump_json()}
    assert house.quality.all_in == [task_id for task_id in met if task_id in plain]
    assert {house.state(task_id) for task_id in gold} == {"idle"}


def test_each_member_meets_each_gold_task_once_and_the_least_used_goes_first(house: House) -> None:
    house.project(gold_rate=0.5)
    gold = house.tasks(2, labelling=GOLD, labels_as=LabelsAs.GOLD)
    house.tasks(30)
    for name in ("ann", "ben"):
        access = house.member(name)
        met = []
        for _ in range(15):
            lease = house.next(access)
            house.submit(access, lease)
            met.append(lease.task_id)
        assert sorted(task_id for task_id in met if task_id in gold) == sorted(gold)
    assert {house.task(task_id)["gold_uses"] for task_id in gold} == {2}


def test_a_released_gold_task_is_no_work_for_others(house: House) -> None:
    house.project(gold_rate=0.5)
    (gold,) = house.tasks(1, labelling=GOLD, labels_as=LabelsAs.GOLD)
    ann, ben = house.member("ann"), house.member("ben")
    for _ in range(20):
        lease = house.next(ann)
        if lease is not None:
            break
    assert lease is not None
    house.write(
        lambda tx: house.labeling.release(tx, ann, judgement_id=lease.judgement_id, token=lease.token)
    )
    change_workflow(house, gold_rate=0.0)
    assert house.next(ben) is None
    assert house.state(gold) == "idle"


def test_tasks_are_made_gold_later(house: House) -> None:
    house.project()
    (task_id,) = house.tasks(1)
    ann = house.member("ann")
    lease = house.next(ann)
    house.write(lambda tx: house.labeling.mark_gold(tx, project_id=house.project_id, answers={task_id: GOLD}))
    assert (house.state(task_id), house.task(task_id)["is_gold"]) == ("idle", 1)
    assert isinstance(house.submit(ann, lease), LostLease)
    house.write(lambda tx: house.labeling.mark_gold(tx, project_id=house.project_id, answers={task_id: GOLD}))
    versions = house.read("SELECT version, is_newest FROM submissions WHERE kind = 'gold' ORDER BY version")
    assert [(row["version"], row["is_newest"]) for row in versions] == [(1, 0), (2, 1)]
    with pytest.raises(InvalidInputError):
        house.write(
            lambda tx: house.labeling.mark_gold(tx, project_id=house.project_id, answers={"tsk_no": GOLD})
        )


# --- labels that come with items


def test_accepted_labels_are_done_and_decide_the_consensus(house: House) -> None:
    house.project()
    task_ids = house.tasks(3, labelling=GOLD, labels_as=LabelsAs.ACCEPTED)
    tasks = [house.task(task_id) for task_id in task_ids]
    assert {(task["state"], task["consensus_version"], task["object_count"]) for task in tasks} == {
        ("done", 1, 1)
    }
    assert house.next(house.member("ann")) is None
    labelled = [row for batch in house.labeling.iter_labelled_tasks(house.project_id) for row in batch]
    assert [row.task_id for row in labelled] == task_ids


def test_prelabels_are_shown_unless_the_workflow_says_no_and_never_counted(house: House) -> None:
    house.project()
    house.tasks(2, labelling=GOLD, labels_as=LabelsAs.PRELABELS)
    ann = house.member("ann")
    first = TaskPayload.model_validate_json(house.next(ann).to_json())
    assert first.prelabel == GOLD
    newer = labelling((6, 6, 60, 60))
    tasks = house.read("SELECT task_id FROM tasks ORDER BY task_id")
    entries = [NewPrediction(row["task_id"], newer) for row in tasks]
    house.write(
        lambda tx: house.labeling.store_predictions(
            tx, project_id=house.project_id, entries=entries, model_version_id="mdv_1"
        )
    )
    second = TaskPayload.model_validate_json(house.next(ann).to_json())
    assert second.prelabel == newer
    assert [row for batch in house.labeling.iter_counted(house.project_id) for row in batch] == []
    change_workflow(house, use_prelabels=False)
    ben = house.member("ben")
    house.clock.advance(10**7)
    third = TaskPayload.model_validate_json(house.next(ben).to_json())
    assert third.prelabel is None


def test_an_item_keeps_its_task_when_it_comes_again(house: House) -> None:
    house.project()
    (task_id,) = house.tasks(1)
    (row,) = house.read("SELECT item_id FROM tasks")
    again = house.write(
        lambda tx: house.labeling.make_tasks(
            tx,
            project_id=house.project_id,
            batch_id=house.batch_id,
            entries=[NewTask(row["item_id"], GOLD, LabelsAs.ACCEPTED)],
        )
    )
    assert again == [task_id]
    assert house.state(task_id) == "done"
    assert house.next(house.member("ann")) is None
    with pytest.raises(NotFoundError):
        house.write(
            lambda tx: house.labeling.make_tasks(
                tx, project_id=house.project_id, batch_id="bat_no", entries=[NewTask(row["item_id"])]
            )
        )


# --- requeue


def test_a_done_task_is_asked_again_and_what_was_submitted_goes_on_counting(house: House) -> None:
    house.project()
    task_ids = house.tasks(2)
    ann, ben = house.member("ann"), house.member("ben")
    for task_id in task_ids:
        house.submit(ann, house.next(ann))
        house.resolve(task_id)
    result = house.write(
        lambda tx: house.labeling.requeue(
            tx, project_id=house.project_id, task_ids=task_ids, positions={task_ids[0]: 2.0, task_ids[1]: 1.0}
        )
    )
    assert result == (result.__class__(requeued=2, created=0))
    assert house.next(ann) is None  # met them
    assert [house.next(ben).task_id, house.next(ben).task_id] == [task_ids[1], task_ids[0]]
    assert house.task(task_ids[0])["submission_count"] == 1


def test_items_without_a_task_get_one_in_the_batch_that_is_named(house: House) -> None:
    house.project()
    (known,) = house.tasks(1)
    fresh = house.write(lambda tx: house.make_items(tx, 2))
    (row,) = house.read("SELECT item_id FROM tasks")
    item_ids = [*fresh, row["item_id"]]

    def send(tx: Any) -> Any:
        batch = house.projects.ensure_batch(
            tx, project_id=house.project_id, name="failures", created_by="system", priority=7
        )
        return house.labeling.requeue(
            tx,
            project_id=house.project_id,
            item_ids=item_ids,
            batch_id=batch.batch_id,
            extra_judgements=0,
            positions={item_id: float(-number) for number, item_id in enumerate(item_ids)},
        )

    result = house.write(send)
    assert (result.requeued, result.created) == (1, 2)
    tasks = house.read("SELECT * FROM tasks ORDER BY position")
    assert [task["item_id"] for task in tasks] == item_ids[::-1]
    assert {(task["priority"], task["open_judgements"]) for task in tasks} == {(7, 1)}
    ann = house.member("ann")
    assert house.next(ann).task_id == known
    strangers = {"project_id": house.project_id, "item_ids": ["itm_no"], "batch_id": house.batch_id}
    with pytest.raises(InvalidInputError, match="workspace"):
        house.write(lambda tx: house.labeling.requeue(tx, **strangers))


def test_positions_are_set_by_gain(house: House) -> None:
    house.project(order="gain")
    task_ids = house.tasks(4)
    order = [task_ids[2], task_ids[0], task_ids[3], task_ids[1]]
    house.write(
        lambda tx: house.labeling.set_positions(
            tx, project_id=house.project_id, positions={task_id: float(n) for n, task_id in enumerate(order)}
        )
    )
    ann = house.member("ann")
    assert [house.next(ann).task_id for _ in range(4)] == order


# --- batches, projects, workflows, items


def test_a_paused_batch_is_held_back_and_comes_again(house: House) -> None:
    house.project()
    (first, second) = house.tasks(2)
    ann, ben = house.member("ann"), house.member("ben")
    lease = house.next(ann)
    change_batch(house, state=BatchState.PAUSED)
    assert house.next(ben) is None
    house.clock.advance(10**8)  # the lease ends while the batch is paused
    assert house.next(ben) is None
    more = house.tasks(1)
    assert house.next(ben) is None
    change_batch(house, state=BatchState.OPEN)
    assert [house.next(ben).task_id for _ in range(3)] == [first, second, more[0]]
    assert isinstance(house.submit(ann, lease), LostLease)


def test_a_batch_takes_its_new_priority(house: House) -> None:
    house.project()
    low = house.tasks(1)
    other = house.write(
        lambda tx: house.projects.ensure_batch(
            tx, project_id=house.project_id, name="urgent", created_by="system"
        )
    )
    house.batch_id = other.batch_id
    late = house.tasks(1)
    change_batch(house, priority=3)
    ann = house.member("ann")
    assert [house.next(ann).task_id, house.next(ann).task_id] == late + low


def test_a_cancelled_batch_is_gone(house: House) -> None:
    house.project()
    (task_id,) = house.tasks(1)
    ann = house.member("ann")
    lease = house.next(ann)
    change_batch(house, state=BatchState.CANCELLED)
    assert house.state(task_id) == "cancelled"
    assert isinstance(house.submit(ann, lease), LostLease)
    assert house.next(ann) is None


def test_a_paused_project_hands_nothing_out(house: House) -> None:
    house.project()
    house.tasks(1)
    house.pause_project()
    with pytest.raises(ConflictError, match="paused"):
        house.next(house.member("ann"))
    assert house.read("SELECT * FROM judgements WHERE member_id IS NOT NULL") == []


def test_more_overlap_asks_more_and_less_withdraws(house: House) -> None:
    house.project(overlap=1)
    task_ids = house.tasks(3)
    ann, ben, cem = (house.member(name) for name in ("ann", "ben", "cem"))
    house.submit(ann, house.next(ann))
    change_workflow(house, overlap=3)
    assert [house.task(task_id)["open_judgements"] for task_id in task_ids] == [0, 3, 3]
    house.submit(ben, house.next(ben))
    held = house.next(cem)
    assert held.task_id == task_ids[1]
    change_workflow(house, overlap=1)
    assert [house.task(task_id)["open_judgements"] for task_id in task_ids] == [0, 1, 1]
    assert house.submit(cem, held).task_state is TaskState.RESOLVING


def test_a_new_order_moves_the_open_tasks(house: House) -> None:
    house.project()
    task_ids = house.tasks(12)
    change_workflow(house, order="random")
    ann = house.member("ann")
    shuffled = [house.next(ann).task_id for _ in range(12)]
    assert shuffled != task_ids
    assert sorted(shuffled) == sorted(task_ids)


def test_a_deleted_item_is_not_handed_out(house: House) -> None:
    house.project()
    first, second = house.tasks(2)
    item_id = house.task(first)["item_id"]
    house.write(lambda tx: house.labeling.on_items_deleted(tx, item_ids=[item_id]))
    assert house.state(first) == "cancelled"
    assert house.next(house.member("ann")).task_id == second


def test_use_of_the_ontology_is_counted(house: House) -> None:
    house.project()
    house.tasks(2)
    ann = house.member("ann")
    house.submit(ann, house.next(ann), labelling((1, 1, 5, 5), (2, 2, 6, 6)))
    house.submit(ann, house.next(ann), labelling(class_id="person"))
    use = house.write(lambda tx: house.labeling.count_label_use(tx, project_id=house.project_id))
    assert use.labellings == 2
    assert dict(use.classes) == {"car": 2, "person": 1}
    assert dict(use.geometries) == {("car", "box"): 2, ("person", "box"): 1}


def test_reviewers_wait_for_work_of_their_own(house: House) -> None:
    house.project(review={"mode": "all"})
    house.tasks(1)
    assert house.next(house.member("rob", Role.REVIEWER), Stage.REVIEW) is None
