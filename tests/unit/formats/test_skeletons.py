from __future__ import annotations

import pytest

from goldsmith.formats.skeletons import mirrored_order, spread_template, template_of_ids, unique_ids


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["nose", "left_eye", "right_eye"], [0, 2, 1]), (["Left eye", "Right eye"], [1, 0]),
        (["leftEye", "rightEye"], [1, 0]), (["l_hip", "r_hip", "neck"], [1, 0, 2]),
        (["nose", "left_eye"], None), (["a", "b"], None), (["left", "left", "right"], None),
        (["left hand 1", "right hand 1", "left hand 2", "right hand 2"], [1, 0, 3, 2]), ([], None),
    ],
)  # fmt: skip
def test_nodes_are_mirrored_where_their_names_say_a_side(names: list[str], order: list[int] | None) -> None:
    assert mirrored_order(names) == order


def test_names_become_ids_of_their_own() -> None:
    assert unique_ids(["a", "a", " ", "a-2", "x" * 500]) == ["a", "a-2", "node-3", "a-2-2", "x" * 190]


def test_edges_that_do_not_hold_are_left_out() -> None:
    template = spread_template(["a", "b", "c"], edges=[(0, 1), (1, 0), (2, 2), (0, 9), (-1, 0), (1, 2)])
    assert template.edges == [("a", "b"), ("b", "c")]
    assert len({node.at for node in template.nodes}) == 3
    assert [node.node_id for node in template_of_ids([" a", "b"]).nodes] == [" a", "b"]
