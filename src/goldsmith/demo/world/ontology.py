"""What may be labelled in the small world."""

from __future__ import annotations

from typing import Final

from goldsmith.core.ontology import Attribute, AttributeKind, LabelClass, Ontology, Option
from goldsmith.demo.world.bodies.sign import KINDS
from goldsmith.demo.world.bodies.signal import STATES
from goldsmith.demo.world.types import ObjectKind

_SHAPES: Final = ["box", "polygon"]


def street_ontology() -> Ontology:
    """Return the classes of the small world: five classes, the state of lights, the kind of signs."""
    return Ontology(
        classes=[
            LabelClass(class_id=ObjectKind.CAR, name="Car", color="#3b82f6", geometry_kinds=_SHAPES),
            LabelClass(
                class_id=ObjectKind.PEDESTRIAN, name="Pedestrian", color="#f97316", geometry_kinds=_SHAPES
            ),
            LabelClass(class_id=ObjectKind.CYCLIST, name="Cyclist", color="#d946ef", geometry_kinds=_SHAPES),
            LabelClass(
                class_id=ObjectKind.TRAFFIC_LIGHT,
                name="Traffic light",
                color="#22c55e",
                geometry_kinds=_SHAPES,
                attributes=[_choice("state", "State", STATES)],
            ),
            LabelClass(
                class_id=ObjectKind.ROAD_SIGN,
                name="Road sign",
                color="#eab308",
                geometry_kinds=_SHAPES,
                attributes=[_choice("sign", "Kind of sign", KINDS)],
            ),
        ]
    )


def _choice(attribute_id: str, name: str, options: tuple[str, ...]) -> Attribute:
    return Attribute(
        attribute_id=attribute_id,
        name=name,
        kind=AttributeKind.CHOICE,
        is_required=True,
        options=[Option(option_id=option, name=option.replace("_", " ").capitalize()) for option in options],
    )
