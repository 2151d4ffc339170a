"""What several people answered made one answer, by the kind of the answer, with how likely it is right. Pure.

Answers that are right or wrong as a whole (dates, numbers that several gave, short texts) are judged by how often
people of a skill are right: whoever errs says one of many other things, so two who agree are hardly ever both wrong.
Texts that nobody shares are merged by their words, rankings by the strengths that explain them best.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from goldsmith.core.annotations import AttributeValue
from goldsmith.core.ontology import Attribute, AttributeKind
from goldsmith.science.ranking import Lists, plackett_luce
from goldsmith.science.texts import Texts, resolve_texts, tokens_of

_LEAST_RIGHT: Final = 0.55
_MOST_RIGHT: Final = 0.97
"""Chance that anybody's answer is right: a decider's too."""
_OTHER_ANSWERS: Final = 20.0
"""Wrong answers that somebody may give to an open question, each as likely: for two who err to agree is rare."""
_LONGEST_KEY: Final = 200
_DIGITS: Final = 6

Said = Sequence[tuple[AttributeValue, float]]
"""Values with the weight of who gave them, at least one."""


class Agreed(NamedTuple):
    """One answer.

    Attributes:
        value: The answer.
        share: How likely it is right: of a ranking, the expected share of pairs in the right order, of merged texts
            that of right words; None where that is not known.
    """

    value: AttributeValue
    share: float | None


class Values(NamedTuple):
    """Answers by key.

    Attributes:
        values: By attribute or question id.
        shares: By question: the answer in short, and how likely it is right; where that is known.
    """

    values: dict[str, AttributeValue]
    shares: dict[str, dict[str, float]]


def values_together(
    votes: Sequence[tuple[Mapping[str, AttributeValue], float]], attributes: Sequence[Attribute]
) -> Values:
    """Make one of several people's values.

    Args:
        votes: What each gave, by key, and the weight of who gave it.
        attributes: What is asked; values of keys that are not among these go by weighted votes.
    """
    by_id = {attribute.attribute_id: attribute for attribute in attributes}
    said: dict[str, list[tuple[AttributeValue, float]]] = defaultdict(list)
    for given, weight in votes:
        for key, value in given.items():
            said[key].append((value, weight))
    values: dict[str, AttributeValue] = {}
    shares: dict[str, dict[str, float]] = {}
    for key in sorted(said):
        agreed = agree(by_id.get(key), said[key])
        values[key] = agreed.value
        if agreed.share is not None:
            shares[key] = {_in_short(agreed.value): round(agreed.share, _DIGITS)}
    return Values(values, shares)


def agree(attribute: Attribute | None, said: Said) -> Agreed:
    """Make one answer of several to the same attribute or question; None is one of which nothing is known."""
    match None if attribute is None else attribute.kind:
        case AttributeKind.DATE:
            return _exact(said, is_ordered=True)
        case AttributeKind.NUMBER:
            return _number(said)
        case AttributeKind.TEXT:
            return _text(said)
        case AttributeKind.MULTI_CHOICE:
            return _several(said, attribute)
        case AttributeKind.RANKING:
            return _ranking(said)
        case _:
            return Agreed(_heaviest(said), None)


def asked_only(
    values: Mapping[str, AttributeValue], attributes: Sequence[Attribute]
) -> dict[str, AttributeValue]:
    """Return the values without those that are not asked where the others are as they are."""
    kept = dict(values)
    while True:
        gone = [
            attribute.attribute_id
            for attribute in attributes
            if attribute.attribute_id in kept
            and attribute.condition is not None
            and not attribute.condition.holds(kept)
        ]
        if not gone:
            return kept
        for key in gone:
            del kept[key]


def _heaviest(said: Said) -> AttributeValue:
    """The value with the most weight behind it; the earlier one of equals in sorting order."""
    totals: dict[str, float] = defaultdict(float)
    values: dict[str, AttributeValue] = {}
    for value, weight in said:
        token = f"{type(value).__name__}:{value}"
        totals[token] += weight
        values[token] = value
    return values[min(totals, key=lambda token: (-round(totals[token], 9), token))]


def _exact(said: Said, *, is_ordered: bool) -> Agreed:
    """The likeliest value where each is right or wrong as a whole; of equals the middle one, in an order."""
    shares = exact_shares([(_token(value), weight) for value, weight in said])
    best = max(shares.values())
    tied = sorted(token for token, share in shares.items() if share >= best - 1e-9)
    values = {_token(value): value for value, _ in said}
    if is_ordered:
        tied.sort(key=lambda token: _order(values[token]))
        return Agreed(values[tied[(len(tied) - 1) // 2]], best)
    return Agreed(values[tied[0]], best)


def exact_shares(said: Sequence[tuple[str, float]]) -> dict[str, float]:
    """How likely each of the answers given is right.

    Args:
        said: Answers with the weight of who gave them, taken as the chance to be right.

    Returns:
        By answer; they sum to less than 1, as all may be wrong.

    >>> shares = exact_shares([("a", 0.8), ("a", 0.8), ("b", 0.8)])
    >>> shares["a"] > 0.95, shares["b"] < 0.05
    (True, True)
    """
    right = [min(max(weight, _LEAST_RIGHT), _MOST_RIGHT) for _, weight in said]
    wrong = [math.log((1.0 - chance) / _OTHER_ANSWERS) for chance in right]
    logs = {
        answer: sum(
            math.log(chance) if given == answer else miss
            for (given, _), chance, miss in zip(said, right, wrong, strict=True)
        )
        for answer in dict.fromkeys(given for given, _ in said)
    }
    something_else = sum(wrong) + math.log(max(_OTHER_ANSWERS + 1.0 - len(logs), 1.0))
    largest = max(something_else, *logs.values())
    total = math.exp(something_else - largest) + sum(math.exp(value - largest) for value in logs.values())
    return {answer: math.exp(value - largest) / total for answer, value in logs.items()}


def _number(said: Said) -> Agreed:
    """The number that several gave; where no two gave the same, the middle one by weight, as of measurements."""
    tokens = [_token(value) for value, _ in said]
    if len(said) == 1 or len(set(tokens)) < len(tokens):
        return _exact(said, is_ordered=True)
    ordered = sorted(said, key=lambda pair: _order(pair[0]))
    weights = np.cumsum([max(weight, 1e-6) for _, weight in ordered])
    middle = int(np.searchsorted(weights, weights[-1] / 2.0 - 1e-9))
    return Agreed(ordered[middle][0], None)


def _text(said: Said) -> Agreed:
    """The text that half of the weight or more wrote, but for case, spaces and punctuation; or else one made of all."""
    texts = [str(value) for value, _ in said]
    keys = [" ".join(tokens_of(text).keys) or text for text in texts]
    weight_of: dict[str, float] = defaultdict(float)
    for key, (_, weight) in zip(keys, said, strict=True):
        weight_of[key] += weight
    best = min(weight_of, key=lambda key: (-round(weight_of[key], 9), key))
    if len(said) < 3 or 2.0 * weight_of[best] >= sum(weight_of.values()):
        spelled = [pair for key, pair in zip(keys, said, strict=True) if key == best]
        shares = exact_shares([(key, weight) for key, (_, weight) in zip(keys, said, strict=True)])
        return Agreed(_heaviest(spelled), shares[best])
    numbers = list(range(len(texts)))
    table = Texts.of([0] * len(texts), numbers, texts, task_count=1, annotator_count=len(texts))
    merged = resolve_texts(table)
    return Agreed(merged.text[0], float(merged.confidence[0]))


def _several(said: Said, attribute: Attribute | None) -> Agreed:
    """Each option that more than half of the weight chose, in the order they are offered; else the heaviest choice."""
    chosen: dict[str, float] = defaultdict(float)
    for value, weight in said:
        for option in dict.fromkeys(value if isinstance(value, list) else []):
            chosen[option] += weight
    half = sum(weight for _, weight in said) / 2.0
    kept = [option for option, weight in chosen.items() if weight > half]
    options = attribute.options if attribute is not None else []
    place = {option.option_id: number for number, option in enumerate(options)}
    kept.sort(key=lambda option: (place.get(option, len(place)), option))
    return Agreed(kept or _heaviest(said), None)


def _ranking(said: Said) -> Agreed:
    """The order by Plackett and Luce's strengths; of one or two people's, the more trusted one's."""
    lists = [(value, max(weight, 1e-6)) for value, weight in said if isinstance(value, list) and value]
    if not lists:
        return Agreed(_heaviest(said), None)
    options = sorted({option for value, _ in lists for option in value})
    index = {option: number for number, option in enumerate(options)}
    trusted = min(lists, key=lambda pair: (-pair[1], pair[0]))[0]
    first = {option: place for place, option in enumerate(trusted)}
    fitted = plackett_luce(
        Lists.of(
            [number for number, (value, _) in enumerate(lists) for _ in value],
            [index[option] for value, _ in lists for option in value],
            [place for value, _ in lists for place in range(len(value))],
            player_count=len(options),
        ),
        weight=[weight for _, weight in lists],
    )
    is_judged = len(lists) > 2
    strength = fitted.strength.round(9).tolist() if is_judged else [0.0] * len(options)
    order = sorted(
        options, key=lambda option: (-strength[index[option]], first.get(option, len(first)), option)
    )
    places = np.array([index[option] for option in order], dtype=np.int64)
    upper, lower = np.triu_indices(len(order), k=1)
    if not upper.size:
        return Agreed(order, None)
    return Agreed(order, float(fitted.chance(places[upper], places[lower]).mean()))


def _order(value: AttributeValue) -> tuple[float, str]:
    return (float(value), "") if isinstance(value, int | float) else (0.0, str(value))


def _token(value: AttributeValue) -> str:
    return f"{float(value):.12g}" if isinstance(value, int | float) else str(value)


def _in_short(value: AttributeValue) -> str:
    return (value if isinstance(value, str) else json.dumps(value))[:_LONGEST_KEY]
