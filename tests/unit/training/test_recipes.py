"""Recipes are values with a hash."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from goldsmith.training.recipes import BUDGET_STEPS, RECIPES, Augment, Recipe, recipe_hash


def test_equal_recipes_have_equal_hashes_and_every_setting_counts():
    assert recipe_hash(Recipe()) == recipe_hash(Recipe.model_validate(Recipe().model_dump(mode="json")))
    variants = [
        Recipe(),
        Recipe(budget="demo"),
        Recipe(steps=7),
        Recipe(batch_size=4),
        Recipe(augment=Augment(colour=0.1)),
        Recipe(threads=2),
    ]
    assert len({recipe_hash(variant) for variant in variants}) == len(variants)
    assert len(recipe_hash(Recipe())) == 64


def test_steps_override_the_budget():
    assert Recipe(budget="demo").total_steps == BUDGET_STEPS["demo"]
    assert Recipe(budget="demo", steps=7).total_steps == 7


@pytest.mark.parametrize(
    "setting",
    [{"input_size_px": 100}, {"crop_size_px": 0}, {"steps": 0}, {"learning_rate": 0}, {"colour": 1}],
)
def test_impossible_settings_are_refused(setting: dict[str, float]):
    with pytest.raises(ValidationError):
        Recipe.model_validate(setting)


def test_the_list_holds_distinct_described_recipes():
    assert (
        len({card.name for card in RECIPES})
        == len(RECIPES)
        == len({recipe_hash(card.recipe) for card in RECIPES})
    )
    assert all(card.description.endswith(".") for card in RECIPES)
