"""People on foot: a walking figure with clothes, hair and now and then a bag."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from goldsmith.demo.world.bodies.limbs import Figure
from goldsmith.demo.world.mesh import Point3, tinted
from goldsmith.demo.world.types import Rgb

SKINS: Final[tuple[Rgb, ...]] = (
    (236, 196, 168),
    (224, 178, 146),
    (190, 140, 104),
    (140, 96, 68),
    (96, 64, 46),
)
HAIRS: Final[tuple[Rgb, ...]] = (
    (40, 30, 26),
    (72, 50, 34),
    (120, 86, 52),
    (190, 158, 100),
    (150, 150, 150),
    (24, 22, 24),
)
TOPS: Final[tuple[Rgb, ...]] = (
    (40, 44, 56), (64, 72, 88), (150, 40, 44), (206, 200, 188), (60, 96, 70), (92, 92, 96), (226, 226, 224),
    (38, 66, 118), (212, 172, 60), (120, 84, 60), (170, 110, 140), (90, 140, 160),
)  # fmt: skip
TROUSERS: Final[tuple[Rgb, ...]] = (
    (38, 44, 62),
    (52, 52, 54),
    (92, 84, 72),
    (60, 78, 110),
    (126, 118, 100),
    (26, 26, 30),
)


def person_figure(*, height_m: float, look: int, phase: float, is_walking: bool, is_wet: bool) -> Figure:
    """Return a person in its own frame, feet at the origin, looking along +x.

    Args:
        height_m: From sole to crown.
        look: Seed of clothes and build.
        phase: Place in the stride, radians.
        is_walking: Legs and arms swing.
        is_wet: It rains: hoods are up.
    """
    rng = np.random.default_rng(look)
    skin = SKINS[int(rng.integers(len(SKINS)))]
    hair = HAIRS[int(rng.integers(len(HAIRS)))]
    top = tinted(TOPS[int(rng.integers(len(TOPS)))], float(rng.uniform(0.85, 1.15)))
    legs = TROUSERS[int(rng.integers(len(TROUSERS)))]
    outfit = rng.random()
    girth = float(rng.uniform(0.88, 1.18))
    swing = 0.42 * math.sin(phase) if is_walking else 0.06
    figure = Figure()
    hip, shoulder = 0.515 * height_m, 0.815 * height_m
    has_skirt = outfit < 0.16
    _add_legs(figure, height_m, swing, (skin if has_skirt else legs), girth)
    _add_torso(figure, height_m, hip, shoulder, top, girth, coat=0.16 <= outfit < 0.38)
    if has_skirt:
        _add_skirt(figure, height_m, hip, legs)
    _add_arms(figure, height_m, shoulder, swing, sleeve=top, hand=skin, girth=girth)
    _add_head(figure, height_m, skin, hair, hood=top if is_wet and rng.random() < 0.7 else None)
    if rng.random() < 0.3:
        bag = TOPS[int(rng.integers(len(TOPS)))]
        figure.limb((-0.13, 0.0, shoulder - 0.06), (-0.14, 0.0, hip + 0.12), (0.11, 0.13), bag, bias_m=0.0)
    return figure


def _add_legs(figure: Figure, height_m: float, swing: float, rgb: Rgb, girth: float) -> None:
    hip, knee = 0.515 * height_m, 0.275 * height_m
    for side, angle in ((-1.0, swing), (1.0, -swing)):
        y = side * 0.052 * height_m
        top: Point3 = (0.0, y, hip)
        kneecap: Point3 = (math.sin(angle) * (hip - knee), y, hip - math.cos(angle) * (hip - knee))
        shin = angle - (0.55 if angle < 0 else 0.12) * abs(swing) * 2
        reach = knee - 0.03 * height_m
        ankle: Point3 = (
            kneecap[0] + math.sin(shin) * reach,
            y,
            max(kneecap[2] - math.cos(shin) * reach, 0.035 * height_m),
        )
        figure.limb(top, kneecap, (0.052 * height_m * girth, 0.038 * height_m), rgb)
        figure.limb(kneecap, ankle, (0.038 * height_m, 0.026 * height_m), tinted(rgb, 0.94))
        toe: Point3 = (ankle[0] + 0.085 * height_m, y, max(ankle[2] - 0.02 * height_m, 0.018 * height_m))
        figure.limb(
            (ankle[0] - 0.01, y, ankle[2] - 0.012 * height_m),
            toe,
            (0.024 * height_m, 0.018 * height_m),
            (32, 30, 30),
        )


def _add_torso(
    figure: Figure, height_m: float, hip: float, shoulder: float, rgb: Rgb, girth: float, *, coat: bool
) -> None:
    lean = 0.015 * height_m
    foot = hip - (0.16 if coat else 0.01) * height_m
    broad = 0.078 * height_m * girth
    for side in (-1.0, 1.0):
        waist: Point3 = (0.0, side * 0.045 * height_m * girth, foot)
        collar: Point3 = (lean, side * broad, shoulder - 0.035 * height_m)
        figure.limb(
            collar,
            waist,
            (0.052 * height_m, 0.062 * height_m * girth),
            tinted(rgb, 0.97 if side > 0 else 1.0),
        )
    figure.limb(
        (lean, 0.0, shoulder - 0.03 * height_m),
        (0.0, 0.0, foot),
        (0.068 * height_m, 0.072 * height_m * girth),
        rgb,
    )


def _add_skirt(figure: Figure, height_m: float, hip: float, rgb: Rgb) -> None:
    figure.limb(
        (0.0, 0.0, hip + 0.03 * height_m),
        (0.0, 0.0, hip - 0.17 * height_m),
        (0.07 * height_m, 0.115 * height_m),
        rgb,
        bias_m=-0.05,
    )


def _add_arms(
    figure: Figure, height_m: float, shoulder: float, swing: float, *, sleeve: Rgb, hand: Rgb, girth: float
) -> None:
    for side, angle in ((-1.0, -swing * 0.9), (1.0, swing * 0.9)):
        y = side * 0.125 * height_m * girth
        top: Point3 = (0.01, side * 0.108 * height_m * girth, shoulder - 0.025 * height_m)
        reach = 0.165 * height_m
        elbow: Point3 = (math.sin(angle) * reach, y, top[2] - math.cos(angle) * reach)
        bend = angle + 0.30
        wrist: Point3 = (elbow[0] + math.sin(bend) * reach * 0.9, y, elbow[2] - math.cos(bend) * reach * 0.9)
        figure.limb(top, elbow, (0.034 * height_m, 0.028 * height_m), tinted(sleeve, 0.92))
        figure.limb(elbow, wrist, (0.028 * height_m, 0.02 * height_m), tinted(sleeve, 0.9))
        figure.ball((wrist[0] + 0.01, y, wrist[2] - 0.02 * height_m), 0.022 * height_m, hand)


def _add_head(figure: Figure, height_m: float, skin: Rgb, hair: Rgb, *, hood: Rgb | None) -> None:
    radius = 0.062 * height_m
    middle = height_m - radius * 1.12
    figure.limb(
        (0.0, 0.0, middle - radius),
        (0.0, 0.0, middle - 1.7 * radius),
        (radius * 0.5, radius * 0.55),
        tinted(skin, 0.9),
        bias_m=0.05,
    )
    figure.limb((0.02, 0.0, middle), (0.03, 0.0, middle - 0.45 * radius), (radius, radius * 0.78), skin)
    cap = hood if hood is not None else hair
    figure.ball((-0.022, 0.0, middle + 0.12 * radius), radius * 1.08, cap, bias_m=0.012)
    figure.limb(
        (-0.02, -0.3 * radius, middle + 0.62 * radius),
        (-0.02, 0.3 * radius, middle + 0.62 * radius),
        (radius * 0.55, radius * 0.55),
        cap,
        bias_m=-0.05,
    )
