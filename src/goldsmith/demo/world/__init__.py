"""A small world of streets: seeded scenes, pictures of them, and exact gold. Numpy and Pillow only, no assets.

Everything in it has a place, size, heading, speed and identity in one metric world (see ``types``), so that other
sensors can look at the same scenes.
"""

from goldsmith.demo.world.generator import Sequence, World
from goldsmith.demo.world.ontology import street_ontology
from goldsmith.demo.world.types import (
    Conditions,
    ObjectKind,
    TimeOfDay,
    VisibleObject,
    Weather,
    WorldImage,
    WorldOptions,
)

__all__ = [
    "Conditions",
    "ObjectKind",
    "Sequence",
    "TimeOfDay",
    "VisibleObject",
    "Weather",
    "World",
    "WorldImage",
    "WorldOptions",
    "street_ontology",
]
