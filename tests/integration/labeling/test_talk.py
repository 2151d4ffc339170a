"""Talk: threads and who may read them, who is there, and who drew what."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.accounts.api import Access, Role
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.errors import ConflictError, InvalidInputError, LimitExceededError, NotFoundError
from goldsmith.core.geometry import Box
from goldsmith.items.api import LabelsAs
from goldsmith.labeling.store.talk import PRESENT_MS
from goldsmith.labeling.types import (
    CommentBody,
    Doing,
    NewPrediction,
    PresenceBody,
    ReplyBody,
    ReviewComment,
    ReviseBody,
    Stage,
    Verdict,
)
from goldsmith.platform.database import Sql
from tests.integration.labeling.conftest import House, labelling
from tests.integration.labeling.test_review import REJECT, labelled, review


def comment(house: House, access: Access, task_id: str, text: str = "Is this one car?", **more: Any) -> Any:
    body = CommentBody(request_key=more.pop("key", text), text=text, **more)
    return house.write(lambda tx: house.labeling.comment(tx, access, task_id, body))


def reply(house: House, access: Access, comment_id: str, text: str, key: str | None = None) -> Any:
    body = ReplyBody(request_key=key or text, text=text)
    return house.write(lambda tx: house.labeling.reply(tx, access, comment_id, body))


def threads(house: House, access: Access, task_id: str, *, after: str = "", limit: int = 100) -> Any:
    return house.write(lambda tx: house.labeling.list_comments(tx, access, task_id, after=after, limit=limit))


def resolve(house: House, access: Access, comment_id: str, *, is_resolved: bool = True) -> Any:
    return house.write(
        lambda tx: house.labeling.resolve_thread(tx, access, comment_id, is_resolved=is_resolved)
    )


def be_present(
    house: House, access: Access, task_id: str, doing: Doing = Doing.LOOK, device: str = "d"
) -> Any:
    body = PresenceBody(device=device, doing=doing)
    found = house.write(lambda tx: house.labeling.be_present(tx, access, task_id, body))
    return [(entry.who, entry.doing.value, entry.is_me, entry.has_lease) for entry in found.others]


def blame(house: House, access: Access, task_id: str) -> Any:
    return house.write(lambda tx: house.labeling.blame(tx, access, task_id)).objects


def test_a_thread_is_answered_and_settled(house: House) -> None:
    task_id, (ann,) = labelled(house)
    rob = house.member("rob", Role.REVIEWER)
    first = comment(house, rob, task_id, x=10.5, y=20, annotation_id="a0")
    assert comment(house, rob, task_id, x=10.5, y=20, annotation_id="a0") == first
    answered = reply(house, ann, first.comment_id, "Two, I think.")
    assert reply(house, ann, first.comment_id, "Two, I think.") == answered
    (seen,) = threads(house, rob, task_id).items
    assert (seen.author, seen.x, seen.y, seen.annotation_id, seen.is_mine) == ("rob", 10.5, 20, "a0", True)
    assert [(entry.author, entry.text) for entry in seen.replies] == [("ann0", "Two, I think.")]
    settled = resolve(house, rob, first.comment_id)
    assert (settled.resolved_by, settled.resolved_ms) == ("rob", house.clock.now_ms())
    assert resolve(house, rob, first.comment_id) == settled
    assert reply(house, ann, first.comment_id, "Really?").resolved_ms is None
    assert resolve(house, ann, seen.replies[0].comment_id).resolved_by == "ann0"
    kinds = [row["kind"] for row in house.read("SELECT kind FROM events ORDER BY event_id")]
    assert kinds[-5:] == ["commented", "replied", "thread_settled", "replied", "thread_settled"]
    audited = house.read("SELECT action FROM audit_log ORDER BY sequence")
    assert [row["action"] for row in audited if row["action"].startswith("comment.")][-2:] == [
        "comment.replied",
        "comment.resolved",
    ]


def test_a_comment_is_checked(house: House) -> None:
    task_id, _ = labelled(house)
    rob = house.member("rob", Role.REVIEWER)
    with pytest.raises(InvalidInputError, match="100 x 80"):
        comment(house, rob, task_id, x=101, y=1)
    with pytest.raises(ValueError, match="come together"):
        CommentBody(request_key="k", text="t", x=1)
    with pytest.raises(ValueError, match="text"):
        CommentBody(request_key="k", text="  ")
    with pytest.raises(NotFoundError):
        comment(house, rob, "tsk_unknown")
    (other,) = house.tasks(1)
    comment(house, rob, task_id, key="k")
    with pytest.raises(ConflictError, match="another task"):
        comment(house, rob, other, key="k")
    with pytest.raises(NotFoundError):
        reply(house, rob, "cmt_unknown", "hm")


def test_threads_come_in_pages(house: House) -> None:
    task_id, _ = labelled(house)
    rob = house.member("rob", Role.REVIEWER)
    made = [comment(house, rob, task_id, f"number {number}").comment_id for number in range(5)]
    reply(house, rob, made[4], "the last")
    page = threads(house, rob, task_id, limit=3)
    assert ([entry.comment_id for entry in page.items], page.next_cursor) == (made[:3], made[2])
    rest = threads(house, rob, task_id, limit=3, after=page.next_cursor)
    assert ([entry.comment_id for entry in rest.items], rest.next_cursor) == (made[3:], None)
    assert len(rest.items[1].replies) == 1


def test_annotators_read_what_they_handed_in_and_no_names(house: House) -> None:
    task_id, (ann, bob) = labelled(house, overlap=2)
    rob, cem = house.member("rob", Role.REVIEWER), house.member("cem")
    begun = comment(house, rob, task_id)
    reply(house, bob, begun.comment_id, "mine is right")
    (seen,) = threads(house, ann, task_id).items
    assert (seen.author, seen.replies[0].author) == ("a reviewer", "A")
    with pytest.raises(NotFoundError):
        threads(house, cem, task_id)
    with pytest.raises(NotFoundError):
        reply(house, cem, begun.comment_id, "and me")


def test_whoever_holds_a_task_sees_the_own_threads_alone(house: House) -> None:
    house.project(overlap=2)
    (task_id,) = house.tasks(1)
    ann, bob = house.member("ann"), house.member("bob")
    lease = house.next(ann)
    house.next(bob)
    mine = comment(house, ann, task_id, "Is a van a car?")
    his = comment(house, bob, task_id, "Too dark")
    assert [entry.comment_id for entry in threads(house, ann, task_id).items] == [mine.comment_id]
    with pytest.raises(NotFoundError):
        reply(house, ann, his.comment_id, "no")
    house.submit(ann, lease)
    assert len(threads(house, ann, task_id).items) == 2


def test_a_reviewer_is_blind_while_reviewing(house: House) -> None:
    task_id, (_, bob) = labelled(house, overlap=2)
    rob = house.member("rob", Role.REVIEWER)
    comment(house, bob, task_id, "hard to see")
    assert threads(house, rob, task_id).items[0].author == "ann1"
    lease = house.next(rob, Stage.REVIEW)
    letters = {entry["submission_id"]: entry["author"] for entry in lease.to_wire()["review"]["submissions"]}
    assert threads(house, rob, task_id).items[0].author == "B"
    marks = {mark.created.submission_id: mark.created.who for mark in blame(house, rob, task_id).values()}
    assert marks == {key: letters[key] for key in marks}
    assert be_present(house, bob, task_id, Doing.REVISE) == [("a reviewer", "review", False, True)]
    assert be_present(house, rob, task_id, Doing.REVIEW) == [("B", "revise", False, False)]
    review(house, rob, lease, Verdict.ACCEPT)
    assert threads(house, rob, task_id).items[0].author == "ann1"
    assert {mark.created.who for mark in blame(house, rob, task_id).values()} == {
        "ann1"
    }  # same ids, the newer


def test_comments_of_a_verdict_are_threads(house: House) -> None:
    task_id, (ann,) = labelled(house)
    rob = house.member("rob", Role.REVIEWER)
    lease = house.next(rob, Stage.REVIEW)
    said = [
        ReviewComment(x=5, y=6, text="here", annotation_id="a0"),
        ReviewComment(x=7, y=8, text="and here"),
    ]
    review(house, rob, lease, Verdict.REJECT, reasons=REJECT, comments=said)
    seen = threads(house, ann, task_id).items
    assert [(entry.x, entry.text, entry.author) for entry in seen] == [
        (5, "here", "a reviewer"),
        (7, "and here", "a reviewer"),
    ]
    page = house.write(lambda tx: house.labeling.get_page(tx, ann, task_id))
    assert page["reviews"][0]["review_id"] == seen[0].review_id
    assert [entry["text"] for entry in page["reviews"][0]["comments"]] == ["here", "and here"]


def test_a_thread_and_a_task_have_an_end(house: House) -> None:
    task_id, _ = labelled(house)
    rob = house.member("rob", Role.REVIEWER)
    begun = comment(house, rob, task_id)
    copy = """
        INSERT INTO comments (comment_id, task_id, project_id, thread_id, member_id, text, created_ms)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        SELECT 'cmt_' || n.i, c.task_id, c.project_id, {thread}, c.member_id, 'x', 0 FROM comments c, n
        WHERE c.comment_id = :comment_id
        """
    fill(house, copy.format(count=200, thread="c.thread_id"), comment_id=begun.comment_id)
    with pytest.raises(LimitExceededError, match="200 replies"):
        reply(house, rob, begun.comment_id, "one more")
    fill(
        house,
        copy.format(count=1000, thread="'cmt_x' || n.i").replace("'cmt_' ||", "'cmt_x' ||"),
        comment_id=begun.comment_id,
    )
    with pytest.raises(LimitExceededError, match="1000 threads"):
        comment(house, rob, task_id, "one more")


def fill(house: House, text: str, **params: Any) -> None:
    house.write(lambda tx: tx.run(Sql(text), params))


def test_who_is_at_a_task(house: House) -> None:
    task_id, (ann,) = labelled(house)
    rob, sue = house.member("rob", Role.REVIEWER), house.member("sue", Role.MANAGER)
    assert be_present(house, rob, task_id) == []
    assert be_present(house, sue, task_id) == [("rob", "look", False, False)]
    assert be_present(house, rob, task_id, Doing.REVIEW) == [("sue", "look", False, False)]
    assert be_present(house, rob, task_id, device="phone") == [
        ("rob", "review", True, False),
        ("sue", "look", False, False),
    ]
    be_present(house, sue, task_id, Doing.AWAY)
    be_present(house, rob, task_id, Doing.AWAY, device="phone")
    assert be_present(house, ann, task_id, Doing.REVISE) == [("a reviewer", "review", False, False)]
    house.clock.advance(PRESENT_MS)
    assert be_present(house, sue, task_id) == []
    lease = house.next(rob, Stage.REVIEW)  # in his hands, though no page of his is open
    assert be_present(house, sue, task_id) == [("rob", "review", False, True)]
    assert lease.task_id == task_id


def test_annotators_do_not_hear_of_each_other(house: House) -> None:
    house.project(overlap=2)
    (task_id,) = house.tasks(1)
    ann, bob = house.member("ann"), house.member("bob")
    house.next(ann)
    house.next(bob)
    be_present(house, ann, task_id, Doing.LABEL)
    assert be_present(house, bob, task_id, Doing.LABEL) == []
    assert be_present(house, bob, task_id, Doing.LABEL, device="other") == [("bob", "label", True, True)]
    with pytest.raises(NotFoundError):
        be_present(house, house.member("cem"), task_id)


def test_one_page_is_at_one_task(house: House) -> None:
    house.project(overlap=1)
    first, second = house.tasks(2)
    sue, rob = house.member("sue", Role.MANAGER), house.member("rob", Role.REVIEWER)
    be_present(house, sue, first)
    be_present(house, sue, second)
    assert be_present(house, rob, first) == []
    house.clock.advance(2 * 86_400_000)
    be_present(house, sue, first, device="new")
    assert [
        row["device"] for row in house.read("SELECT device FROM presences WHERE member_id = 'mem_sue'")
    ] == ["new"]


def predict(tx: Any, house: House, predictions: list[NewPrediction]) -> None:
    house.labeling.store_predictions(
        tx, project_id=house.project_id, model_version_id="mdv_1", entries=predictions
    )


def boxes(*entries: tuple[str, tuple[float, float, float, float]], origin: str | None = None) -> Labelling:
    return Labelling(
        annotations=[
            Annotation(annotation_id=key, class_id="car", geometry=Box(box_xyxy=box), origin=origin)
            for key, box in entries
        ]
    )


def test_blame_follows_an_object_through_its_versions(house: House) -> None:
    house.project(overlap=1, review={"mode": "all"})
    (task_id,) = house.tasks(1)
    ann, rob = house.member("ann"), house.member("rob", Role.REVIEWER)
    prediction = [NewPrediction(task_id, boxes(("p", (1, 1, 9, 9))))]
    house.write(lambda tx: predict(tx, house, prediction))
    house.clock.advance(1000)
    lease = house.next(ann)
    labels = Labelling(
        annotations=[
            *boxes(("pre_p", (1, 1, 9, 9)), origin="p").annotations,
            *boxes(("mine", (20, 20, 30, 30)), ("gone", (40, 40, 50, 50))).annotations,
        ]
    )
    house.submit(ann, lease, labels)
    house.clock.advance(1000)
    revised = boxes(("pre_p", (1, 1, 9, 9)), ("mine", (20, 20, 31, 30)))
    body = ReviseBody(request_key="r", labelling=revised, ontology_version=1, instructions_version=1)
    house.write(lambda tx: house.labeling.revise(tx, ann, task_id=task_id, body=body))
    house.resolve(task_id)
    house.clock.advance(1000)
    lease = house.next(rob, Stage.REVIEW)
    fix = Labelling(annotations=[*revised.annotations, *boxes(("new", (60, 60, 70, 70))).annotations])
    review(house, rob, lease, Verdict.FIX, labelling=fix)

    found = blame(house, rob, task_id)
    life = {
        key: (entry.created.who, entry.created.at_ms % 10_000, entry.changed and entry.changed.at_ms % 10_000)
        for key, entry in found.items()
    }
    start = (house.clock.now_ms() - 3000) % 10_000
    assert life["p"] == ("prediction", start, None)
    assert life["gone"] == ("ann", (start + 1000) % 10_000, None)
    assert life["new"][0] == "rob"
    assert found["p"].created.model_version_id == "mdv_1"
    first = [
        row["submission_id"]
        for row in house.read("SELECT submission_id FROM submissions ORDER BY submission_id")
    ]
    assert found["gone"].created.submission_id == first[1]
    theirs = blame(house, ann, task_id)
    assert (theirs["new"].created.who, theirs["new"].created.source, theirs["gone"].created.is_mine) == (
        "a reviewer",
        "fix",
        True,
    )
    with pytest.raises(NotFoundError):
        blame(house, house.member("cem"), task_id)


def test_blame_of_a_pre_label_and_a_change(house: House) -> None:
    house.project(overlap=1)
    (task_id,) = house.tasks(1)
    ann = house.member("ann")
    prediction = [NewPrediction(task_id, boxes(("p", (1, 1, 9, 9))))]
    house.write(lambda tx: predict(tx, house, prediction))
    house.submit(ann, house.next(ann), boxes(("pre_p", (1, 1, 9, 9)), origin="p"))
    house.clock.advance(500)
    body = ReviseBody(
        request_key="r",
        labelling=boxes(("pre_p", (1, 1, 8, 8)), origin="p"),
        ontology_version=1,
        instructions_version=1,
    )
    house.write(lambda tx: house.labeling.revise(tx, ann, task_id=task_id, body=body))
    entry = blame(house, ann, task_id)["pre_p"]
    assert entry.origin.model_version_id == "mdv_1"
    assert entry.created.version == 1
    assert (entry.changed.version, entry.changed.at_ms) == (2, house.clock.now_ms())


def test_gold_shows_an_annotator_the_own_answer_alone(house: House) -> None:
    house.project(overlap=1, gold_rate=0.5)
    (task_id,) = house.tasks(1, labelling=labelling(), labels_as=LabelsAs.GOLD)
    ann, bob = house.member("ann"), house.member("bob")
    for who in (ann, bob):
        lease = next(lease for _ in range(50) if (lease := house.next(who)) is not None)
        house.submit(who, lease, boxes((who.name, (1, 1, 5, 5))))
    assert set(blame(house, ann, task_id)) == {"ann"}
