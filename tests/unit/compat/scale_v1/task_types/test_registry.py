import pytest

from goldsmith.compat.scale_v1.task_types.registry import TASK_TYPES, task_type_of
from goldsmith.compat.scale_v1.task_types.types import (
    NotEnabled,
    NotEnabledFault,
    ParameterFault,
    ResponseFile,
    place_files,
)
from tests.unit.compat.scale_v1.task_types.made import EXAMPLES, ITEM, checked_of

CLIENT_TYPES = [
    *EXAMPLES,
    *(
        "documentmodel",
        "laneannotation",
        "lidarannotation",
        "lidarlinking",
        "lidarsegmentation",
        "lidartopdown",
    ),
    *(
        "videoannotation",
        "videoboxannotation",
        "videoplaybackannotation",
        "videocuboidannotation",
        "sensorfusion",
    ),
    *("chat", "chatexperimental", "chatlite", "multichat", "multistage", "federal2dvideoannotation"),
]


def test_every_type_of_the_client_is_known() -> None:
    assert len(set(CLIENT_TYPES)) == 31
    assert set(TASK_TYPES) == {*CLIENT_TYPES, "audiotranscription"}
    assert all(TASK_TYPES[name].name == name for name in TASK_TYPES)


@pytest.mark.parametrize(
    "name", [name for name, entry in TASK_TYPES.items() if isinstance(entry, NotEnabled)]
)
def test_what_has_no_workbench_says_so(name: str) -> None:
    with pytest.raises(
        NotEnabledFault, match=f"{name} are not enabled: goldsmith has no workbench"
    ) as raised:
        task_type_of(name)
    assert raised.value.status == 402


def test_an_unknown_type_is_a_wrong_parameter() -> None:
    with pytest.raises(ParameterFault, match='"type" must be one of') as raised:
        task_type_of("mining")
    assert raised.value.status == 400


@pytest.mark.parametrize("name", EXAMPLES)
def test_canned_labels_hold_and_read_back(name: str) -> None:
    task_type, checked = checked_of(name, EXAMPLES[name])
    canned = task_type.canned(checked, ITEM)
    assert checked.ontology.faults_of(canned) == []
    assert canned == task_type.canned(checked, ITEM)
    response = task_type.response(canned, checked, ITEM)
    again = task_type.labelling_from(response, checked, ITEM)
    assert again.answers == canned.answers
    assert [entry.class_id for entry in again.annotations] == [entry.class_id for entry in canned.annotations]
    assert task_type.response(again, checked, ITEM) == response


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_response_is_a_hypothesis(name: str) -> None:
    task_type, checked = checked_of(name, EXAMPLES[name])
    files: dict[str, bytes] = {}

    def place(file: ResponseFile) -> str:
        files[f"http://host/{file.name}"] = file.data
        return f"http://host/{file.name}"

    response = place_files(task_type.response(task_type.canned(checked, ITEM), checked, ITEM), place)
    labelled = task_type.check({**EXAMPLES[name], "hypothesis": response})
    assert labelled.ontology == checked.ontology
    assert checked.prelabel is None
    assert labelled.prelabel is not None
    facts = type(ITEM)(ITEM.width_px, ITEM.height_px, files=files)
    if checked.item_kind == "text":
        facts = type(ITEM)(len(EXAMPLES[name]["text"]), 1)
    assert set(labelled.files) <= set(files)
    assert place_files(task_type.response(labelled.prelabel(facts), checked, ITEM), place) == response


@pytest.mark.parametrize("name", EXAMPLES)
def test_equal_definitions_have_equal_ids(name: str) -> None:
    _, one = checked_of(name, EXAMPLES[name])
    _, other = checked_of(name, {**EXAMPLES[name], "instruction": "Something else", "tags": ["y"]})
    assert one.ontology == other.ontology
    assert one.class_ids == other.class_ids
    assert one.question_ids == tuple(entry.attribute_id for entry in one.ontology.questions)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        *[(name, "attachment") for name in EXAMPLES if "attachment" in EXAMPLES[name]],
        ("imageannotation", "geometries"),
        ("annotation", "objects_to_annotate"),
        ("polygonannotation", "objects_to_annotate"),
        ("lineannotation", "objects_to_annotate"),
        ("pointannotation", "objects_to_annotate"),
        ("cuboidannotation", "objects_to_annotate"),
        ("categorization", "categories"),
        ("comparison", "attachments"),
        ("comparison", "choices"),
        ("namedentityrecognition", "text"),
        ("namedentityrecognition", "labels"),
        ("textcollection", "attachments"),
        ("textcollection", "fields"),
        ("datacollection", "fields"),
        ("documenttranscription", "features"),
    ],
)
def test_what_is_required_is_said_to_be(name: str, missing: str) -> None:
    params = {key: value for key, value in EXAMPLES[name].items() if key != missing}
    with pytest.raises(ParameterFault) as raised:
        checked_of(name, params)
    assert str(raised.value) == f'Parameter is invalid, reason: "{missing}" is required'
    assert raised.value.status == 400


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"attachment": 3}, '"attachment" must be a string'),
        ({"attachment": " "}, '"attachment" is not allowed to be empty'),
        ({"attachment": "a.jpg"}, '"attachment" must be a valid uri'),
        ({"attachment": "http://["}, '"attachment" must be a valid uri'),
        ({"attachment_type": "pdf"}, '"attachment_type" must be one of [image]'),
        ({"metadata": [1]}, '"metadata" must be an object'),
        ({"tags": "x"}, '"tags" must be an array'),
        ({"tags": [1]}, '"tags[0]" must be a string'),
        ({"priority": "high"}, '"priority" must be a number'),
        ({"responses_required": 0}, '"responses_required" must be larger than or equal to 1'),
        ({"responses_required": 1.5}, '"responses_required" must be an integer'),
        ({"clear_unique_id_on_error": "maybe"}, '"clear_unique_id_on_error" must be a boolean'),
        ({"unique_id": "a\x00"}, '"unique_id" must not contain the character 0 or halves of characters'),
        ({"hypothesis": "x"}, '"hypothesis" must be an object'),
        (
            {"context_attachments": [{"attachment": "http://host/a.jpg"}]},
            '"context_attachments[0].attachment" must differ from the task\'s attachment',
        ),
        ({"context_attachments": [{}]}, '"context_attachments[0].attachment" is required'),
    ],
)
def test_common_parameters_are_checked(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        checked_of("imageannotation", {**EXAMPLES["imageannotation"], **changes})
    assert raised.value.reason == reason


def test_context_title_and_instruction_are_shown() -> None:
    _, checked = checked_of(
        "imageannotation",
        {
            **EXAMPLES["imageannotation"],
            "title": "Cows",
            "description": "On meadows",
            "context_attachments": [
                {"attachment": "http://host/more.pdf"},
                {"attachment": "scaledata://a/b"},
            ],
        },
    )
    assert checked.instructions == "# Cows\n\nOn meadows\n\nBox the cows"
    assert [(part.kind, part.url) for part in checked.context] == [
        ("pdf", "http://host/more.pdf"),
        ("image", "scaledata://a/b"),
    ]
