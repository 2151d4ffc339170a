"""Street clutter: trees, lamps, bins, poles, hoardings. Drawn and shading the view, never labelled."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from goldsmith.demo.world.bodies.limbs import Figure
from goldsmith.demo.world.mesh import Mesh, MeshBuilder, Quad, tinted
from goldsmith.demo.world.scene import Prop
from goldsmith.demo.world.scenery.poster import add_poster
from goldsmith.demo.world.types import Rgb

_LEAVES: Final[tuple[Rgb, ...]] = ((74, 108, 52), (92, 122, 58), (60, 96, 58), (112, 128, 60), (150, 120, 52))


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a maker goes by."""

    prop: Prop
    rng: np.random.Generator
    is_dark: bool


def prop_shape(prop: Prop, *, is_dark: bool) -> Mesh | Figure:
    """Return a prop in its own frame, built of faces or of limbs.

    Raises:
        KeyError: The kind is unknown.
    """
    draft = _Draft(prop, np.random.default_rng(prop.look), is_dark)
    if prop.kind in _FIGURES:
        figure = Figure()
        _FIGURES[prop.kind](figure, draft)
        return figure
    build = MeshBuilder()
    _MESHES[prop.kind](build, draft)
    return build.build()


def _tree(figure: Figure, of: _Draft) -> None:
    height = of.prop.size_m
    bark: Rgb = (84, 66, 50)
    fork = height * 0.42
    figure.limb((0, 0, 0), (0, 0, fork), (0.032 * height**0.8, 0.02 * height**0.8), bark, bias_m=0.4)
    leaves = tinted(_LEAVES[int(of.rng.integers(len(_LEAVES)))], float(of.rng.uniform(0.85, 1.15)))
    spread = height * float(of.rng.uniform(0.24, 0.34))
    for _ in range(3):
        x, y = of.rng.uniform(-0.5, 0.5, 2) * spread
        figure.limb((0, 0, fork * 0.9), (float(x), float(y), height * 0.66), (0.1, 0.05), bark, bias_m=0.2)
    near = of.prop.s_m < 30.0
    for size, count in ((0.42, 14), (0.27, 26 if near else 10), (0.17, 34 if near else 0)):
        for _ in range(count):
            _add_leaves(figure, of.rng, spread, height, leaves, size)


def _add_leaves(
    figure: Figure, rng: np.random.Generator, spread: float, height: float, rgb: Rgb, size: float
) -> None:
    """Add one tuft somewhere in the crown: big dark ones inside, small bright ones on its skin."""
    angle, lift = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(-1, 1))
    outward = 1.0 - size
    reach = math.sqrt(max(0.05, 1 - lift**2)) * outward * float(rng.uniform(0.75, 1.05)) * spread
    z = height * 0.70 + lift * height * 0.24 * outward * 1.15
    shade = 1.05 - 0.75 * size + 0.20 * lift + float(rng.uniform(-0.10, 0.12))
    centre = (reach * math.cos(angle), reach * math.sin(angle), z)
    figure.ball(
        centre,
        spread * size * float(rng.uniform(0.85, 1.15)),
        tinted(rgb, shade),
        bias_m=-0.15 * lift - 0.5 * (0.42 - size),
    )


def _conifer(figure: Figure, of: _Draft) -> None:
    height = of.prop.size_m
    figure.limb((0, 0, 0), (0, 0, height * 0.3), (0.14, 0.12), (76, 60, 46), bias_m=0.6)
    for tier in range(6):
        low = height * (0.14 + 0.13 * tier)
        radius = height * 0.21 * (1 - tier / 7)
        shade = tinted((44, 78, 54), 0.8 + 0.06 * tier + float(of.rng.uniform(-0.05, 0.05)))
        figure.limb((0, 0, low), (0, 0, low + height * 0.22), (radius, 0.02), shade, bias_m=-0.02 * tier)


def _bush(figure: Figure, of: _Draft) -> None:
    leaves = _LEAVES[int(of.rng.integers(3))]
    for _ in range(9):
        x, y = of.rng.uniform(-0.5, 0.5, 2) * of.prop.size_m
        z = float(of.rng.uniform(0.2, 0.75)) * of.prop.size_m
        figure.ball(
            (float(x), float(y), z),
            of.prop.size_m * 0.3,
            tinted(leaves, 0.7 + 0.5 * z / of.prop.size_m),
            bias_m=-z,
        )


def _lamp(figure: Figure, of: _Draft) -> None:
    height = of.prop.size_m
    reach = 1.3 if of.prop.d_m < 0 else -1.3
    figure.limb((0, 0, 0), (0, 0, height), (0.09, 0.05), (92, 96, 98))
    figure.limb((0, 0, height), (0, reach, height + 0.12), (0.045, 0.04), (92, 96, 98))
    head: Rgb = (2000, 1750, 1300) if of.is_dark else (206, 208, 206)
    figure.limb(
        (0, reach * 0.9, height + 0.06), (0, reach * 1.25, height + 0.06), (0.10, 0.09), head, bias_m=-0.05
    )


def _pole(figure: Figure, of: _Draft) -> None:
    figure.limb((0, 0, 0), (0, 0, of.prop.size_m), (0.038, 0.036), (122, 126, 128))


def _signal_pole(figure: Figure, of: _Draft) -> None:
    figure.limb((0, 0, 0), (0, 0, of.prop.size_m), (0.075, 0.065), (58, 62, 64))
    figure.limb((0, 0, 0.1), (0, 0, 0.9), (0.11, 0.11), (58, 62, 64), bias_m=-0.02)


def _mast(figure: Figure, of: _Draft) -> None:
    reach = min(abs(of.prop.d_m), 5.5) * (1.0 if of.prop.d_m < 0 else -1.0)
    figure.limb((0, 0, 0), (0, 0, of.prop.size_m + 0.6), (0.13, 0.10), (84, 88, 90))
    figure.limb((0, 0, of.prop.size_m + 0.5), (0, reach, of.prop.size_m + 0.65), (0.08, 0.05), (84, 88, 90))


def _bollard(figure: Figure, _of: _Draft) -> None:
    figure.limb((0, 0, 0), (0, 0, 0.85), (0.07, 0.07), (44, 46, 48))
    figure.limb((0, 0, 0.66), (0, 0, 0.72), (0.074, 0.074), (214, 212, 206), bias_m=-0.02)


def _clock(figure: Figure, _of: _Draft) -> None:
    figure.limb((0, 0, 0), (0, 0, 3.1), (0.06, 0.05), (40, 46, 44))
    figure.ball((0, 0, 3.3), 0.34, (36, 40, 40), bias_m=-0.05)
    figure.ball((0, 0, 3.3), 0.28, (236, 234, 222), bias_m=-0.10)


def _cone(figure: Figure, _of: _Draft) -> None:
    figure.limb((0, 0, 0.05), (0, 0, 0.70), (0.17, 0.03), (232, 92, 30))
    figure.limb((0, 0, 0.30), (0, 0, 0.45), (0.115, 0.08), (238, 236, 230), bias_m=-0.03)


def _bin(build: MeshBuilder, of: _Draft) -> None:
    rgb = ((48, 66, 54), (60, 62, 66), (36, 70, 120), (96, 84, 40))[int(of.rng.integers(4))]
    build.box((-0.28, -0.26, 0.08), (0.28, 0.26, 0.98), rgb)
    build.box((-0.32, -0.29, 0.98), (0.32, 0.29, 1.10), tinted(rgb, 0.7), layer=1)


def _postbox(build: MeshBuilder, of: _Draft) -> None:
    rgb: Rgb = (182, 30, 34) if of.rng.random() < 0.6 else (232, 190, 40)
    build.box((-0.22, -0.25, 0.0), (0.22, 0.25, 1.35), rgb)
    build.box((-0.23, -0.18, 1.0), (0.23, 0.18, 1.06), (24, 24, 24), layer=1)


def _cabinet(build: MeshBuilder, of: _Draft) -> None:
    build.box((-0.22, -0.5, 0.0), (0.22, 0.5, 1.25), tinted((150, 156, 150), float(of.rng.uniform(0.7, 1.2))))


def _bench(build: MeshBuilder, _of: _Draft) -> None:
    wood: Rgb = (126, 90, 58)
    build.box((-0.8, -0.25, 0.0), (-0.7, 0.25, 0.42), (54, 54, 56))
    build.box((0.7, -0.25, 0.0), (0.8, 0.25, 0.42), (54, 54, 56))
    build.box((-0.9, -0.27, 0.42), (0.9, 0.27, 0.49), wood, layer=1)
    build.box((-0.9, 0.22, 0.55), (0.9, 0.28, 0.90), tinted(wood, 0.9), layer=2)


def _planter(build: MeshBuilder, of: _Draft) -> None:
    build.box((-0.6, -0.3, 0.0), (0.6, 0.3, 0.55), (130, 124, 116))
    for _ in range(5):
        x, y = float(of.rng.uniform(-0.5, 0.3)), float(of.rng.uniform(-0.25, 0.05))
        build.box(
            (x, y, 0.55),
            (x + 0.25, y + 0.2, 0.55 + float(of.rng.uniform(0.15, 0.45))),
            _LEAVES[int(of.rng.integers(4))],
            layer=1,
        )


def _hedge(build: MeshBuilder, of: _Draft) -> None:
    leaves = _LEAVES[int(of.rng.integers(3))]
    at, end = -of.prop.size_m / 2, of.prop.size_m / 2
    while at < end:
        step = float(of.rng.uniform(0.5, 1.1))
        height = 1.05 + float(of.rng.uniform(-0.08, 0.1))
        build.box(
            (at, -0.32, 0.0),
            (min(at + step, end), 0.32, height),
            tinted(leaves, float(of.rng.uniform(0.75, 1.0))),
        )
        at += step


def _hoarding(build: MeshBuilder, of: _Draft) -> None:
    """A free-standing advertisement, its face towards +x."""
    half, low, high = of.prop.size_m / 2, 0.7, 0.7 + of.prop.size_m * 0.75
    for y in (-half * 0.8, half * 0.8):
        build.box((-0.08, y - 0.05, 0.0), (0.0, y + 0.05, low), (70, 72, 74))
    build.box((-0.1, -half, low), (0.0, half, high), (88, 90, 92), layer=1)
    quad: Quad = ((0.01, -half, low), (0.01, half, low), (0.01, half, high), (0.01, -half, high))
    add_poster(build, quad, (1.0, 0.0, 0.0), of.rng, layer=2, glow=0.4 if of.is_dark else 0.0)


def _shelter(build: MeshBuilder, of: _Draft) -> None:
    """A bus stop: posts, back pane, roof and a poster on its end towards -x."""
    frame: Rgb = (62, 66, 70)
    for x in (-1.9, 1.85):
        build.box((x, 0.55, 0.0), (x + 0.07, 0.62, 2.3), frame)
    build.face(
        [(-1.9, 0.6, 0.4), (1.9, 0.6, 0.4), (1.9, 0.6, 2.1), (-1.9, 0.6, 2.1)],
        (146, 164, 170),
        layer=1,
        is_two_sided=True,
    )
    build.box((-2.0, -0.75, 2.3), (2.0, 0.75, 2.42), frame, layer=3, has_bottom=True)
    quad: Quad = ((-1.93, 0.55, 0.3), (-1.93, -0.65, 0.3), (-1.93, -0.65, 2.1), (-1.93, 0.55, 2.1))
    add_poster(build, quad, (-1.0, 0.0, 0.0), of.rng, layer=4, glow=0.7 if of.is_dark else 0.0)


_FIGURES: Final[dict[str, Callable[[Figure, _Draft], None]]] = {
    "tree": _tree, "conifer": _conifer, "bush": _bush, "lamp": _lamp, "pole": _pole, "signal_pole": _signal_pole,
    "mast": _mast, "bollard": _bollard, "clock": _clock, "cone": _cone,
}  # fmt: skip
_MESHES: Final[dict[str, Callable[[MeshBuilder, _Draft], None]]] = {
    "bin": _bin, "postbox": _postbox, "cabinet": _cabinet, "bench": _bench, "planter": _planter, "hedge": _hedge,
    "hoarding": _hoarding, "shelter": _shelter,
}  # fmt: skip
