"""Texts of a known truth, merged and chosen: what must not matter, and what must not break it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.texts import TextConsensus, Texts, resolve_texts, word_error_rate
from goldsmith.science.texts.network import aligned
from goldsmith.science.texts.types import Way

WORDS = ["".join(np.random.default_rng(i).choice(list("abcdefghijklmnop"), 5)) for i in range(60)]
WAYS: list[Way] = ["columns", "medoid"]


def texts_of(rows: Sequence[tuple[int, int, str]], tasks: int, annotators: int) -> Texts:
    task, who, text = zip(*rows, strict=True) if rows else ((), (), ())
    return Texts.of(list(task), list(who), list(text), task_count=tasks, annotator_count=annotators)


def make_crowd(
    rng: np.random.Generator, *, tasks: int = 60, accuracies: tuple[float, ...] = (0.9, 0.85, 0.8, 0.7, 0.5)
) -> tuple[list[tuple[int, int, str]], list[str]]:
    """Everybody hears every sentence; a word heard wrong is another one, none, or two."""
    truth = [[WORDS[i] for i in rng.integers(0, 60, rng.integers(4, 15))] for _ in range(tasks)]
    rows = []
    for task, sentence in enumerate(truth):
        for who, accuracy in enumerate(accuracies):
            heard: list[str] = []
            for word in sentence:
                slip = rng.integers(0, 3) if rng.random() > accuracy else 3
                other = WORDS[rng.integers(0, 60)]
                heard += {0: [other], 1: [], 2: [word, other], 3: [word]}[int(slip)]
            rows.append((task, who, " ".join(heard)))
    return rows, [" ".join(sentence) for sentence in truth]


def rate(result: TextConsensus, truth: list[str]) -> float:
    return word_error_rate(result.text, truth).rate


def test_merging_is_better_than_choosing_and_both_better_than_anybody() -> None:
    rows, truth = make_crowd(np.random.default_rng(0))
    texts = texts_of(rows, 60, 5)
    alone = min(word_error_rate([text for _, w, text in rows if w == who], truth).rate for who in range(5))
    merged, chosen = resolve_texts(texts, way="columns"), resolve_texts(texts, way="medoid")
    assert rate(merged, truth) < rate(chosen, truth) <= alone
    found = resolve_texts(texts)
    assert (found.way, found.text) == ("columns", merged.text)
    sure = np.argsort(-found.confidence)
    halves = [
        word_error_rate([found.text[i] for i in half], [truth[i] for i in half]).rate
        for half in np.split(sure, 2)
    ]
    assert halves[0] < halves[1] < 1.0 - found.confidence.min()
    assert (np.diff(found.skill) < 0).all()


def test_weights_help_where_skill_differs() -> None:
    rows, truth = make_crowd(np.random.default_rng(1), accuracies=(0.95, 0.9, 0.3, 0.3, 0.3))
    texts = texts_of(rows, 60, 5)
    for way in WAYS:
        plain = resolve_texts(texts, way=way, is_weighted=False)
        assert rate(resolve_texts(texts, way=way), truth) < rate(plain, truth)


@pytest.mark.parametrize("way", WAYS)
def test_order_and_names_do_not_matter(way: Way) -> None:
    rng = np.random.default_rng(2)
    rows, _ = make_crowd(rng, tasks=30)
    plain = resolve_texts(texts_of(rows, 30, 5), way=way)
    turn = np.array([3, 1, 4, 0, 2])
    mixed = [
        (task, int(turn[who]), text) for task, who, text in (rows[i] for i in rng.permutation(len(rows)))
    ]
    again = resolve_texts(texts_of(mixed, 30, 5), way=way)
    assert again.text == plain.text
    assert again.skill[turn] == pytest.approx(plain.skill)
    assert again.confidence == pytest.approx(plain.confidence)


@pytest.mark.parametrize("way", WAYS)
def test_doubled_tasks_say_the_same_as_themselves(way: Way) -> None:
    rows, _ = make_crowd(np.random.default_rng(3), tasks=30)
    doubled = rows + [(task + 30, who, text) for task, who, text in rows]
    result = resolve_texts(texts_of(doubled, 60, 5), way=way)
    assert result.text[:30] == result.text[30:]


@pytest.mark.parametrize("way", WAYS)
def test_somebody_who_writes_nonsense_is_found(way: Way) -> None:
    rng = np.random.default_rng(4)
    rows, truth = make_crowd(rng, accuracies=(0.9, 0.8, 0.8))
    nonsense = [(task, 3, " ".join(rng.choice(WORDS, 8))) for task in range(60)]
    result = resolve_texts(texts_of(rows + nonsense, 60, 4), way=way)
    assert result.skill[3] < 0.3
    assert rate(result, truth) <= rate(resolve_texts(texts_of(rows, 60, 3), way=way), truth) + 0.03


def test_two_who_copy_each_other_lose_by_gold() -> None:
    rows, truth = make_crowd(np.random.default_rng(5), accuracies=(0.95, 0.4))
    copied = rows + [(task, 2, text) for task, who, text in rows if who == 1]
    texts = texts_of(copied, 60, 3)
    blind = resolve_texts(texts, way="columns")
    told = resolve_texts(texts, way="columns", gold=[*truth[:30], *[None] * 30])
    assert told.skill[0] > blind.skill[0]
    assert told.skill[1] < blind.skill[1]
    assert (
        word_error_rate(told.text[30:], truth[30:]).rate < word_error_rate(blind.text[30:], truth[30:]).rate
    )


@pytest.mark.parametrize("way", [*WAYS, "auto"])
@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([], ("", "", "")),
        ([(0, 0, "a b"), (1, 0, "c")], ("a b", "c", "")),
        ([(0, 0, "Same here."), (0, 1, "same here."), (0, 2, "same here")], None),
        ([(0, 0, ""), (0, 1, ""), (1, 1, "x")], ("", "x", "")),
        ([(0, 0, "..."), (0, 1, "!")], ("", "", "")),
        ([(0, 0, "one"), (0, 1, "one"), (1, 2, "two"), (1, 3, "two")], ("one", "two", "")),
        ([(2, 0, "twice"), (2, 0, "twice"), (2, 1, "never")], ("", "", "twice")),
    ],
    ids=["nothing", "one annotator", "all agree", "empty", "no words", "disconnected", "wrote twice"],
)
def test_answers_sensibly_where_there_is_little(way, rows, wanted) -> None:
    result = resolve_texts(texts_of(rows, 3, 4), way=way)
    if wanted is not None:
        assert tuple(text.strip(".!") for text in result.text) == wanted
    else:
        assert result.text[0].casefold().startswith("same here")
        assert result.spread == 0.0
    assert np.isfinite(result.skill).all()
    assert ((result.skill > 0) & (result.skill < 1)).all()
    assert ((result.confidence >= 0) & (result.confidence <= 1)).all()
    has_text = np.isin(np.arange(3), [row[0] for row in rows])
    assert ((result.nearest >= 0) == has_text).all()
    assert (result.confidence[~has_text] == 0).all()


def test_the_winner_is_written_as_most_write_it() -> None:
    rows = [(0, 0, "Dr. Who, it's me"), (0, 1, "dr Who, its me!"), (0, 2, "Dr. Who, it's me!")]
    assert resolve_texts(texts_of(rows, 1, 3), way="columns").text == ("Dr. Who, it's me!",)


def test_languages_without_spaces_are_merged_by_character() -> None:
    texts = Texts.of(
        [0, 0, 0], [0, 1, 2], ["東京へ行く", "東京に行く", "東京へ行った"],
        task_count=1, annotator_count=3, unit="character",
    )  # fmt: skip
    assert resolve_texts(texts, way="columns").text == ("東京へ行く",)


def test_every_text_can_be_read_back_from_the_columns() -> None:
    rows, _ = make_crowd(np.random.default_rng(6), tasks=20)
    texts = texts_of(rows, 20, 5)
    columns = aligned(texts, strangeness=np.zeros(texts.text_count))
    order = np.lexsort((columns.column, columns.text))
    for text in range(texts.text_count):
        mine = order[columns.text[order] == text]
        places = columns.place[mine][columns.place[mine] >= 0]
        assert places.tolist() == list(range(texts.rows.length[text]))
    assert np.bincount(columns.column, minlength=columns.task.size).tolist() == [5] * columns.task.size
    assert (np.diff(columns.task) >= 0).all()


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="text has 1"):
        Texts.of([0, 0], [0, 1], ["a"], task_count=1, annotator_count=2)
    with pytest.raises(InvalidInputError, match="gold has 1"):
        resolve_texts(texts_of([(0, 0, "a")], 2, 1), gold=["a"])
