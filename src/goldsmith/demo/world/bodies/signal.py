"""Traffic lights: the head with its lenses; its pole is scenery and not part of the labelled object."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from goldsmith.demo.world.mesh import Mesh, MeshBuilder, Point3, disc
from goldsmith.demo.world.types import Rgb

HEAD_SIZE_M: Final = (0.26, 0.36, 0.98)
"""Depth, width and height of a head."""

STATES: Final[tuple[str, ...]] = ("red", "amber", "green", "off")

_LENSES: Final[tuple[tuple[str, float, Rgb, Rgb], ...]] = (
    ("red", 0.79, (255, 46, 40), (58, 18, 18)),
    ("amber", 0.49, (255, 182, 40), (58, 42, 16)),
    ("green", 0.19, (52, 244, 150), (14, 50, 36)),
)


@lru_cache(maxsize=32)
def signal_mesh(state: str, *, has_board: bool) -> Mesh:
    """Return a head in its own frame, foot at the origin, lenses towards +x.

    Args:
        state: One of :data:`STATES`.
        has_board: A backing board with a white rim stands behind it.
    """
    depth, width, height = HEAD_SIZE_M
    build = MeshBuilder()
    if has_board:
        _add_board(build, width, height)
    build.box(
        (-depth / 2, -width / 2, 0.0), (depth / 2, width / 2, height), (30, 32, 34), layer=1, has_bottom=True
    )
    for name, z, bright, dull in _LENSES:
        is_on = name == state
        centre: Point3 = (depth / 2 + 0.01, 0.0, z)
        build.face(
            disc(centre, radius_m=0.145, axis="x", corners=14), (12, 12, 13), layer=2, normal=(1, 0, 0)
        )
        build.face(
            disc(centre, radius_m=0.118, axis="x", corners=14),
            bright if is_on else dull,
            layer=3,
            glow=1.0 if is_on else 0.0,
            normal=(1, 0, 0),
        )
        if is_on:
            build.face(
                disc((depth / 2 + 0.012, 0.02, z + 0.02), radius_m=0.05, axis="x", corners=8),
                (255, 250, 240),
                layer=4,
                glow=1.0,
                normal=(1, 0, 0),
            )
        build.face(
            [
                (depth / 2, -0.15, z + 0.11),
                (depth / 2, 0.15, z + 0.11),
                (depth / 2 + 0.17, 0.12, z + 0.115),
                (depth / 2 + 0.17, -0.12, z + 0.115),
            ],
            (16, 16, 17),
            layer=5,
            is_two_sided=True,
        )
    return build.build()


def _add_board(build: MeshBuilder, width: float, height: float) -> None:
    for margin, rgb, layer in ((0.15, (214, 214, 212), -1), (0.12, (22, 23, 25), 0)):
        y, low, high = width / 2 + margin, -margin, height + margin
        x = -0.05 + 0.004 * layer
        build.face(
            [(x, -y, low), (x, y, low), (x, y, high), (x, -y, high)],
            rgb,
            layer=layer,
            is_two_sided=True,
            normal=(1, 0, 0),
        )


def lens_place(state: str) -> Point3 | None:
    """Return where the lit lens sits in the head's own frame; None when it is off."""
    for name, z, _, _ in _LENSES:
        if name == state:
            return (HEAD_SIZE_M[0] / 2, 0.0, z)
    return None


def lens_rgb(state: str) -> Rgb:
    """Return the colour of the lit lens."""
    return next((bright for name, _, bright, _ in _LENSES if name == state), (0.0, 0.0, 0.0))
