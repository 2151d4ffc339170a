"""People on bicycles: one labelled object of rider and bicycle together."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from goldsmith.demo.world.bodies.limbs import Figure
from goldsmith.demo.world.bodies.person import HAIRS, SKINS, TOPS, TROUSERS
from goldsmith.demo.world.mesh import Point3, disc, tinted
from goldsmith.demo.world.types import Rgb

_FRAMES: Final[tuple[Rgb, ...]] = (
    (178, 34, 40),
    (28, 28, 30),
    (40, 88, 150),
    (220, 220, 220),
    (60, 130, 80),
    (226, 140, 40),
)
_HELMETS: Final[tuple[Rgb, ...]] = (
    (236, 236, 236),
    (30, 30, 34),
    (200, 40, 44),
    (230, 210, 60),
    (50, 110, 190),
)
_WHEEL_M: Final = 0.335
_REAR: Final[Point3] = (-0.50, 0.0, _WHEEL_M)
_FRONT: Final[Point3] = (0.53, 0.0, _WHEEL_M)
_CRANK: Final[Point3] = (-0.06, 0.0, 0.29)
_SADDLE: Final[Point3] = (-0.24, 0.0, 0.94)
_HEAD: Final[Point3] = (0.36, 0.0, 0.88)


def cyclist_figure(*, height_m: float, look: int, phase: float) -> Figure:
    """Return a rider with the bicycle in its own frame, riding along +x, wheels on the ground.

    Args:
        height_m: Height of the whole, wheels to crown; about 1.75.
        look: Seed of clothes and bicycle.
        phase: Angle of the pedals, radians.
    """
    rng = np.random.default_rng(look)
    figure = Figure()
    _add_bicycle(figure, _FRAMES[int(rng.integers(len(_FRAMES)))])
    skin = SKINS[int(rng.integers(len(SKINS)))]
    top = tinted(TOPS[int(rng.integers(len(TOPS)))], float(rng.uniform(0.9, 1.2)))
    if rng.random() < 0.2:
        top = (216, 232, 60)
    legs = TROUSERS[int(rng.integers(len(TROUSERS)))]
    crown = (height_m - 1.62) + 1.62
    shoulder: Point3 = (0.10, 0.0, crown - 0.36)
    hip: Point3 = (-0.22, 0.0, 0.98)
    for side, turn in ((-1.0, 0.0), (1.0, math.pi)):
        _add_leg(figure, hip, side, phase + turn, legs)
        _add_arm(figure, shoulder, side, sleeve=tinted(top, 0.92), hand=skin)
        figure.limb(
            (shoulder[0], side * 0.13, shoulder[2]), (hip[0], side * 0.08, hip[2] + 0.04), (0.095, 0.105), top
        )
    figure.limb(shoulder, (hip[0], 0.0, hip[2] + 0.04), (0.12, 0.13), top)
    head: Point3 = (shoulder[0] + 0.10, 0.0, crown - 0.14)
    figure.limb(
        (shoulder[0] + 0.02, 0.0, shoulder[2] + 0.05), head, (0.05, 0.06), tinted(skin, 0.9), bias_m=0.04
    )
    figure.limb(head, (head[0] + 0.02, 0.0, head[2] - 0.05), (0.105, 0.085), skin)
    has_helmet = rng.random() < 0.65
    cap = _HELMETS[int(rng.integers(len(_HELMETS)))] if has_helmet else HAIRS[int(rng.integers(len(HAIRS)))]
    figure.ball(
        (head[0] - 0.03, 0.0, head[2] + 0.035),
        0.118 if has_helmet else 0.11,
        cap,
        bias_m=-0.02 if has_helmet else 0.01,
    )
    return figure


def _add_bicycle(figure: Figure, paint: Rgb) -> None:
    for hub in (_REAR, _FRONT):
        figure.ring(disc(hub, radius_m=_WHEEL_M - 0.02, axis="y", corners=18), 0.045, (22, 22, 24))
        figure.ring(disc(hub, radius_m=_WHEEL_M - 0.055, axis="y", corners=16), 0.018, (150, 152, 156))
        for turn in range(3):
            angle = math.pi * turn / 3 + 0.3
            dx, dz = math.cos(angle) * 0.28, math.sin(angle) * 0.28
            figure.limb(
                (hub[0] - dx, 0.0, hub[2] - dz),
                (hub[0] + dx, 0.0, hub[2] + dz),
                (0.004, 0.004),
                (130, 132, 134),
            )
    seat_tube: Point3 = (_SADDLE[0] + 0.01, 0.0, 0.80)
    for start, end in (
        (_REAR, _CRANK), (_REAR, seat_tube), (_CRANK, seat_tube), (_CRANK, (0.37, 0.0, 0.74)),
        (seat_tube, (0.36, 0.0, 0.82)), (_HEAD, _FRONT), (seat_tube, _SADDLE),
    ):  # fmt: skip
        figure.limb(start, end, (0.02, 0.02), paint)
    figure.limb((_SADDLE[0] - 0.12, 0.0, 0.95), (_SADDLE[0] + 0.12, 0.0, 0.95), (0.045, 0.03), (26, 26, 28))
    figure.limb((0.37, -0.27, 0.98), (0.37, 0.27, 0.98), (0.018, 0.018), (30, 30, 32))
    figure.limb(_HEAD, (0.37, 0.0, 0.98), (0.02, 0.02), (90, 92, 96))
    figure.ball((_REAR[0] - 0.02, 0.0, 0.72), 0.03, (190, 30, 30))


def _add_leg(figure: Figure, hip: Point3, side: float, angle: float, rgb: Rgb) -> None:
    y = side * 0.10
    pedal: Point3 = (_CRANK[0] + 0.165 * math.cos(angle), y, _CRANK[2] + 0.165 * math.sin(angle))
    ankle: Point3 = (pedal[0] - 0.05, y, pedal[2] + 0.09)
    knee = _knee((hip[0], hip[2]), (ankle[0], ankle[2]), thigh=0.43, shin=0.43)
    joint: Point3 = (knee[0], y, knee[1])
    figure.limb((hip[0], y * 0.8, hip[2]), joint, (0.09, 0.066), rgb)
    figure.limb(joint, ankle, (0.064, 0.045), tinted(rgb, 0.93))
    figure.limb(
        (ankle[0], y, ankle[2] - 0.05), (pedal[0] + 0.12, y, pedal[2] + 0.03), (0.04, 0.032), (30, 30, 32)
    )


def _knee(
    hip: tuple[float, float], ankle: tuple[float, float], *, thigh: float, shin: float
) -> tuple[float, float]:
    """Return the knee in front of the line from hip to ankle (two circles meet)."""
    dx, dz = ankle[0] - hip[0], ankle[1] - hip[1]
    gap = min(math.hypot(dx, dz), thigh + shin - 1e-3)
    along = (thigh**2 - shin**2 + gap**2) / (2 * gap)
    aside = math.sqrt(max(thigh**2 - along**2, 0.0))
    ux, uz = dx / gap, dz / gap
    return hip[0] + ux * along - uz * aside, hip[1] + uz * along + ux * aside


def _add_arm(figure: Figure, shoulder: Point3, side: float, *, sleeve: Rgb, hand: Rgb) -> None:
    top: Point3 = (shoulder[0], side * 0.17, shoulder[2] - 0.03)
    grip: Point3 = (0.38, side * 0.24, 1.0)
    elbow: Point3 = (0.5 * (top[0] + grip[0]) - 0.02, side * 0.25, 0.5 * (top[2] + grip[2]) - 0.07)
    figure.limb(top, elbow, (0.055, 0.045), sleeve)
    figure.limb(elbow, grip, (0.045, 0.032), sleeve)
    figure.ball(grip, 0.04, hand)
