"""Own work: what became of it, what is new, and its revision."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.accounts.api import Access, Role
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.labeling.service.drafting import NewerDraftError
from goldsmith.labeling.service.revising import NewerVersionError
from goldsmith.labeling.types import (
    ReviewComment,
    ReviseBody,
    Revision,
    RevisionDraftBody,
    Stage,
    Verdict,
    WorkList,
    WorkShow,
)
from goldsmith.platform.database import Sql
from tests.integration.labeling.conftest import House, labelling
from tests.integration.labeling.test_review import REJECT, labelled, review
from tests.integration.labeling.test_talk import comment, reply


def work(
    house: House,
    access: Access,
    show: WorkShow = WorkShow.ALL,
    *,
    cursor: str = "",
    limit: int = 50,
    **more: Any,
) -> Any:
    project_id = more.get("project_id")

    def run(tx: Any) -> Any:
        return house.labeling.list_work(
            tx, access, show=show, project_id=project_id, cursor=cursor, limit=limit
        )

    return WorkList.model_validate_json(_dumped(house.write(run)))


def _dumped(value: Any) -> bytes:
    import msgspec

    return msgspec.json.encode(value)


def unread(house: House, access: Access) -> int:
    return int(house.write(lambda tx: house.labeling.count_unread(tx, access)))


def seen(house: House, access: Access, task_id: str) -> None:
    house.write(lambda tx: house.labeling.mark_seen(tx, access, task_id))


def join(house: House, *people: Access) -> None:
    add = Sql("INSERT INTO project_members VALUES (:project_id, :member_id, 'x', 0)")
    for access in people:
        row = {"project_id": house.project_id, "member_id": access.member_id}
        house.write(lambda tx, row=row: tx.run(add, row))


def verdicts(house: House) -> tuple[Access, Access, list[str]]:
    """Four tasks of one annotator: accepted, fixed, rejected with a comment, and not looked at."""
    house.project(overlap=1, review={"mode": "all"})
    tasks = house.tasks(4)
    ann, rob = house.member("ann"), house.member("rob", Role.REVIEWER)
    join(house, ann, rob)
    for _ in tasks:
        house.clock.advance(10)
        house.submit(ann, house.next(ann))
    for task_id in tasks:
        house.resolve(task_id)
    given: list[dict[str, Any]] = [
        {"verdict": Verdict.ACCEPT},
        {"verdict": Verdict.FIX, "labelling": labelling((1, 1, 9, 9))},
        {"verdict": Verdict.REJECT, "reasons": REJECT, "comments": [ReviewComment(x=1, y=2, text="loose")]},
    ]
    for entry in given:
        house.clock.advance(10)
        review(house, rob, house.next(rob, Stage.REVIEW), entry.pop("verdict"), **entry)
    return ann, rob, tasks


def test_an_annotator_sees_what_became_of_each_task(house: House) -> None:
    ann, rob, (accepted, fixed, rejected, waiting) = verdicts(house)
    assert unread(house, ann) == 2
    items = work(house, ann).items
    assert [entry.task_id for entry in items] == [rejected, fixed, waiting, accepted]
    assert [entry.news and (entry.news.kind, entry.news.is_unread) for entry in items] == [
        ("rejected", True),
        ("fixed", True),
        None,
        None,
    ]
    assert [entry.review and entry.review.verdict.value for entry in items] == [
        "reject",
        "fix",
        None,
        "accept",
    ]
    first = items[0]
    assert first.review is not None
    assert [reason.code for reason in first.review.reasons] == ["loose shape"]
    assert (first.comment_count, first.open_threads) == (1, 1)
    assert first.submission is not None
    assert (first.submission.is_rejected, first.submission.annotation_count) == (True, 1)
    seen(house, ann, rejected)
    assert unread(house, ann) == 1
    assert [entry.task_id for entry in work(house, ann).items] == [fixed, waiting, rejected, accepted]
    assert [entry.task_id for entry in work(house, ann, WorkShow.UNREAD).items] == [fixed]
    for show, task_id in (
        (WorkShow.ACCEPTED, accepted),
        (WorkShow.FIXED, fixed),
        (WorkShow.REJECTED, rejected),
    ):
        assert [entry.task_id for entry in work(house, ann, show).items] == [task_id]
    assert work(house, rob).items == []


def test_own_work_comes_in_pages(house: House) -> None:
    ann, _, tasks = verdicts(house)
    whole = [entry.task_id for entry in work(house, ann).items]
    for limit in (1, 2, 3):
        found, cursor = [], ""
        for _ in range(10):
            page = work(house, ann, cursor=cursor, limit=limit)
            assert len(page.items) <= limit
            found += [entry.task_id for entry in page.items]
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        assert found == whole
    assert sorted(whole) == sorted(tasks)
    for cursor in ("n", "x1.2", "n12", "nx.tsk"):
        with pytest.raises(InvalidInputError):
            work(house, ann, cursor=cursor)


def test_an_answer_is_news_for_the_reviewer(house: House) -> None:
    ann, rob, (_, _, rejected, _) = verdicts(house)
    (thread,) = house.write(
        lambda tx: house.labeling.list_comments(tx, ann, rejected, after="", limit=10)
    ).items
    seen(house, ann, rejected)
    house.clock.advance(10)
    reply(house, ann, thread.comment_id, "Where is it loose?")
    assert (unread(house, rob), unread(house, ann)) == (1, 1)
    (entry,) = work(house, rob).items
    assert entry.news is not None
    assert (entry.task_id, entry.submission, entry.news.kind) == (rejected, None, "replied")
    seen(house, rob, rejected)
    assert work(house, rob, WorkShow.UNREAD).items == []
    assert [entry.task_id for entry in work(house, rob, WorkShow.TALK).items] == [rejected]
    house.clock.advance(10)
    reply(house, rob, thread.comment_id, "At the wheel.")
    assert unread(house, ann) == 2
    assert unread(house, rob) == 0


def test_a_first_comment_reaches_authors_and_reviewers(house: House) -> None:
    ann, rob, (accepted, *_) = verdicts(house)
    before = unread(house, ann)
    comment(house, rob, accepted, "Well done")
    assert unread(house, ann) == before + 1
    assert unread(house, rob) == 0
    comment(house, ann, accepted, "Thank you")
    assert unread(house, rob) == 1


def test_projects_that_were_left_are_not_shown(house: House) -> None:
    ann, _, _ = verdicts(house)
    gone = Sql("DELETE FROM project_members WHERE member_id = :member_id")
    house.write(lambda tx: tx.run(gone, {"member_id": ann.member_id}))
    assert (work(house, ann).items, unread(house, ann)) == ([], 0)
    sue = house.member("sue", Role.MANAGER)
    assert work(house, sue).items == []


def test_only_one_project(house: House) -> None:
    ann, _, _ = verdicts(house)
    first = house.project_id
    house.project()
    house.tasks(1)
    join(house, ann)
    house.submit(ann, house.next(ann))
    assert len(work(house, ann).items) == 5
    assert len(work(house, ann, project_id=first).items) == 4


def revision(house: House, access: Access, task_id: str) -> Revision:
    return Revision.model_validate_json(
        _dumped(house.write(lambda tx: house.labeling.get_revision(tx, access, task_id)))
    )


def revise(
    house: House, access: Access, task_id: str, key: str, *, after: int | None, labels: Any = None
) -> Any:
    body = ReviseBody(
        request_key=key,
        labelling=labels or labelling((3, 3, 9, 9)),
        ontology_version=1,
        instructions_version=1,
        after_version=after,
    )
    return house.write(lambda tx: house.labeling.revise(tx, access, task_id=task_id, body=body))


def save(house: House, access: Access, task_id: str, **fields: Any) -> Any:
    body = RevisionDraftBody.model_validate({"body": {}, "after_revision": 0, "writer": "w", **fields})
    return house.write(lambda tx: house.labeling.save_revision_draft(tx, access, task_id=task_id, body=body))


def test_a_revision_is_kept_and_handed_in(house: House) -> None:
    task_id, (ann,) = labelled(house)
    before = revision(house, ann, task_id)
    assert (before.may_revise, before.draft, before.submission.version) == (True, None, 1)
    save(house, ann, task_id, revision=1, log={"from_line": 0, "lines": ["base", "a"]})
    with pytest.raises(NewerDraftError):
        save(house, ann, task_id, revision=1, writer="other")
    again = revision(house, ann, task_id)
    assert again.draft is not None
    assert again.draft.log == ["base", "a"]
    first = revise(house, ann, task_id, "k", after=1)
    assert first.version == 2
    assert revise(house, ann, task_id, "k", after=1) == first
    after = revision(house, ann, task_id)
    assert (after.draft, after.submission.version) == (None, 2)
    rob = house.member("rob", Role.REVIEWER)
    with pytest.raises(NotFoundError):
        revision(house, rob, task_id)


def test_a_revision_of_an_old_version_is_told_the_newest(house: House) -> None:
    task_id, (ann,) = labelled(house)
    revise(house, ann, task_id, "phone", after=1, labels=labelling((5, 5, 9, 9)))
    with pytest.raises(NewerVersionError) as caught:
        revise(house, ann, task_id, "desk", after=1)
    newest = caught.value.newest
    assert newest.version == 2
    assert newest.labelling == labelling((5, 5, 9, 9))
    assert revise(house, ann, task_id, "desk", after=2).version == 3
    assert revise(house, ann, task_id, "script", after=None).version == 4


def test_what_is_finished_or_rejected_is_not_revised(house: House) -> None:
    ann, _, (accepted, _, rejected, _) = verdicts(house)
    for task_id, why in ((accepted, "finished"), (rejected, "rejected")):
        found = revision(house, ann, task_id)
        assert not found.may_revise
        assert found.why_not is not None
        assert why in found.why_not
        with pytest.raises(ConflictError):
            save(house, ann, task_id, revision=1)
    with pytest.raises(ConflictError, match="done"):
        revise(house, ann, accepted, "k", after=1)
