"""What one task asks for, where that is less or more than what its project asks for."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from goldsmith.core.annotations import Key
from goldsmith.core.geometry.registry import GEOMETRY_KINDS
from goldsmith.core.model import Model
from goldsmith.items.types.parts import MAX_PARTS, Part, PartView, part_views

Length = Annotated[float, Field(ge=0.0)]
Count = Annotated[int, Field(ge=0)]
Ids = Annotated[list[Key], Field(max_length=10_000)]


class GeometryLimits(Model):
    """How large, how detailed and how many the shapes of one kind must and may be; None for no limit.

    Attributes:
        min_width_px: Of the box around each; likewise ``min_height_px``. Of a turned box, of the box itself.
        min_points: Corners or nodes of each; likewise ``max_points``.
        min_count: Shapes of the kind in one labelling; likewise ``max_count``.
    """

    min_width_px: Length | None = None
    min_height_px: Length | None = None
    min_points: Count | None = None
    max_points: Count | None = None
    min_count: Count | None = None
    max_count: Count | None = None

    @model_validator(mode="after")
    def _least_is_not_above_most(self) -> Self:
        for name in ("points", "count"):
            least, most = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
            if least is not None and most is not None and least > most:
                raise ValueError(
                    f"min_{name} is {least} and max_{name} is {most}; the least is above the most"
                )
        return self


class ScopeRules(Model):
    """What a task asks for; None for all that its project asks for.

    Attributes:
        instructions: Markdown, shown after the project's.
        class_ids: Classes that objects may be of.
        attribute_ids: Attributes of objects that are asked for, whatever the class.
        question_ids: Questions about the whole item that are asked.
        relation_type_ids: Relations that may be drawn.
        limits: By kind of geometry.
    """

    instructions: Annotated[str, Field(max_length=200_000)] = ""
    class_ids: Ids | None = None
    attribute_ids: Ids | None = None
    question_ids: Ids | None = None
    relation_type_ids: Ids | None = None
    limits: dict[str, GeometryLimits] = {}

    @model_validator(mode="after")
    def _kinds_are_known(self) -> Self:
        unknown = sorted(set(self.limits) - set(GEOMETRY_KINDS))
        if unknown:
            raise ValueError(f"unknown geometry kinds {unknown}; known are {list(GEOMETRY_KINDS)}")
        return self


class TaskScope(ScopeRules):
    """The scope of a task, as it is stored.

    Attributes:
        context: Shown beside the item and never labelled.
    """

    context: Annotated[list[Part], Field(max_length=MAX_PARTS)] = []

    def view(self, task_id: str) -> TaskScopeView:
        """Return it as the wire shows it."""
        rules = {name: getattr(self, name) for name in ScopeRules.model_fields}
        context = part_views(self.context, base_url=f"/api/v1/tasks/{task_id}/context")
        return TaskScopeView.model_construct(**rules, context=context)


class TaskScopeView(ScopeRules):
    """The scope of a task, as the wire shows it.

    Attributes:
        context: Shown beside the item and never labelled.
    """

    context: list[PartView] = []
