"""Recipes, runs, the registry of models, and models at work as pre-labellers."""
