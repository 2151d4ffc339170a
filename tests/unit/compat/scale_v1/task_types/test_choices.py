from typing import Any

import pytest

from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from tests.unit.compat.scale_v1.task_types.made import EXAMPLES, ITEM, PICTURE, checked_of

CATEGORIES = EXAMPLES["categorization"]


def told(params: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    task_type, checked = checked_of("categorization", params)
    labelling = task_type.labelling_from(response, checked, ITEM)
    assert checked.ontology.faults_of(labelling) == []
    return task_type.response(labelling, checked, ITEM)


@pytest.mark.parametrize("category", ["public", "private"])
def test_a_category_reads_back(category: str) -> None:
    assert told(CATEGORIES, {"category": category}) == {"category": category}


def test_several_categories_are_a_list() -> None:
    params = {**CATEGORIES, "allow_multiple": True}
    assert told(params, {"category": ["private", "public"]}) == {"category": ["private", "public"]}
    assert told(params, {"category": "public"}) == {"category": ["public"]}


@pytest.mark.parametrize(
    "ids", [["p1", "p2"], {"public": "p1", "private": "p2"}, {"p1": "public", "p2": "private"}]
)
def test_ids_of_categories_are_told_whichever_way_they_came(ids: Any) -> None:
    params = {**CATEGORIES, "category_ids": ids}
    assert told(params, {"category": "private"}) == {"category": "private", "category_id": "p2"}
    several = told({**params, "allow_multiple": True}, {"category": ["private"]})
    assert several == {"category": ["private"], "category_id": ["p2"]}


@pytest.mark.parametrize(
    ("attachment_type", "attachment", "part", "item_kind"),
    [
        ("image", PICTURE, ("image", PICTURE, None), "image"),
        ("text", "Is it any good?", ("markdown", None, "Is it any good?"), "document"),
        ("text", "http://host/a.txt", ("markdown", "http://host/a.txt", None), "document"),
        ("website", "http://host/", ("website", "http://host/", None), "document"),
        ("pdf", "http://host/a.pdf", ("pdf", "http://host/a.pdf", None), "document"),
        ("audio", "scaledata://a/b", ("audio", "scaledata://a/b", None), "document"),
        ("video", "http://host/a.mp4", ("video", "http://host/a.mp4", None), "document"),
        (None, "http://host/a.PNG?x=1", ("image", "http://host/a.PNG?x=1", None), "image"),
        (None, "http://host/page", ("website", "http://host/page", None), "document"),
    ],
)
def test_attachments_of_every_type(
    attachment_type: str | None, attachment: str, part: tuple[str, str | None, str | None], item_kind: str
) -> None:
    params = {"attachment_type": attachment_type, "attachment": attachment, "categories": ["a"]}
    _, checked = checked_of("categorization", params)
    (found,) = checked.parts
    assert (found.kind, found.url, found.text) == part
    assert checked.item_kind == item_kind
    assert found.is_fetched == (part[1] is not None and part[0] != "website")


def test_a_comparison_shows_its_attachments_side_by_side() -> None:
    task_type, checked = checked_of("comparison", EXAMPLES["comparison"])
    assert (checked.item_kind, [part.kind for part in checked.parts]) == ("document", ["image", "image"])
    labelling = task_type.labelling_from({"choice": "no"}, checked, ITEM)
    assert task_type.response(labelling, checked, ITEM) == {"choice": "no"}


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("categorization", {"categories": []}, '"categories" must contain at least 1 items'),
        ("categorization", {"categories": ["a", "a"]}, '"categories" contains a duplicate value'),
        ("categorization", {"category_ids": ["1"]}, '"category_ids" must contain 2 items'),
        ("categorization", {"category_ids": {"1": "other"}}, '"category_ids" must name categories'),
        (
            "categorization",
            {"hypothesis": {"category": "x"}},
            '"hypothesis.category" must be one of [public, private]',
        ),
        ("categorization", {"hypothesis": {}}, '"hypothesis.category" is required'),
        (
            "categorization",
            {"attachment_type": "tape"},
            '"attachment_type" must be one of [image, text, markdown, website, iframe, pdf, video, audio]',
        ),
        ("comparison", {"attachments": [PICTURE]}, '"attachments" must contain at least 2 items'),
        ("comparison", {"attachments": [PICTURE, "x"]}, '"attachments[1]" must be a valid uri'),
        ("comparison", {"choices": []}, '"choices" must contain at least 1 items'),
        ("comparison", {"hypothesis": {"choice": "maybe"}}, '"hypothesis.choice" must be one of [yes, no]'),
    ],
)
def test_parameters_are_checked(name: str, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        checked_of(name, {**EXAMPLES[name], **changes})
    assert raised.value.reason == reason
