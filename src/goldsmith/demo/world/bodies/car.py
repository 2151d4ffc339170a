"""Cars: lofted bodies of several types, with glass, lights and wheels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from goldsmith.demo.world.mesh import Mesh, MeshBuilder, Point3, Quad, disc, patch, tinted
from goldsmith.demo.world.types import Rgb


@dataclass(frozen=True)
class CarBody:
    """The shape of a body type.

    Attributes:
        length_m: Bumper to bumper.
        width_m: Without mirrors.
        height_m: Ground to roof.
        sections: Front to rear: place along the car (0.5 to -0.5), share of the half width, height of the edge.
        glass: Front and rear end of the greenhouse at its foot, then at the roof, places along the car.
        roof_share: Width of the roof over the width of the body.
        wheel_radius_m: Radius of the tyres.
        has_rear_windows: Glass behind the front doors; a delivery van has none.
    """

    length_m: float
    width_m: float
    height_m: float
    sections: tuple[tuple[float, float, float], ...]
    glass: tuple[float, float, float, float]
    roof_share: float = 0.76
    wheel_radius_m: float = 0.32
    has_rear_windows: bool = True


BODIES: Final[dict[str, CarBody]] = {
    "saloon": CarBody(
        4.6,
        1.80,
        1.45,
        (
            (0.5, 0.74, 0.56),
            (0.465, 0.93, 0.70),
            (0.20, 1.0, 0.88),
            (-0.30, 1.0, 0.95),
            (-0.46, 0.94, 0.92),
            (-0.5, 0.80, 0.84),
        ),
        (0.21, -0.37, 0.03, -0.22),
    ),
    "hatchback": CarBody(
        3.95,
        1.74,
        1.50,
        (
            (0.5, 0.74, 0.58),
            (0.46, 0.93, 0.74),
            (0.24, 1.0, 0.92),
            (-0.34, 1.0, 0.98),
            (-0.47, 0.95, 0.96),
            (-0.5, 0.84, 0.90),
        ),
        (0.26, -0.485, 0.07, -0.40),
    ),
    "estate": CarBody(
        4.7,
        1.82,
        1.50,
        (
            (0.5, 0.74, 0.56),
            (0.465, 0.93, 0.70),
            (0.22, 1.0, 0.88),
            (-0.34, 1.0, 0.95),
            (-0.47, 0.95, 0.95),
            (-0.5, 0.84, 0.88),
        ),
        (0.23, -0.485, 0.05, -0.44),
    ),
    "suv": CarBody(
        4.55,
        1.90,
        1.72,
        (
            (0.5, 0.78, 0.72),
            (0.465, 0.95, 0.90),
            (0.22, 1.0, 1.04),
            (-0.34, 1.0, 1.10),
            (-0.475, 0.96, 1.10),
            (-0.5, 0.88, 1.02),
        ),
        (0.23, -0.485, 0.09, -0.43),
        0.80,
        0.37,
    ),
    "van": CarBody(
        5.1,
        1.95,
        2.10,
        (
            (0.5, 0.80, 0.76),
            (0.475, 0.95, 0.96),
            (0.36, 1.0, 1.10),
            (-0.34, 1.0, 1.14),
            (-0.485, 0.98, 1.14),
            (-0.5, 0.95, 1.10),
        ),
        (0.37, -0.495, 0.22, -0.488),
        0.90,
        0.35,
        False,
    ),
    "taxi": CarBody(
        4.6,
        1.80,
        1.47,
        (
            (0.5, 0.76, 0.58),
            (0.465, 0.94, 0.72),
            (0.20, 1.0, 0.90),
            (-0.30, 1.0, 0.96),
            (-0.46, 0.94, 0.94),
            (-0.5, 0.80, 0.86),
        ),
        (0.21, -0.38, 0.03, -0.25),
    ),
}

BODY_WEIGHTS: Final[dict[str, float]] = {
    "saloon": 0.26, "hatchback": 0.28, "estate": 0.14, "suv": 0.18, "van": 0.09, "taxi": 0.05,
}  # fmt: skip

_PAINTS: Final[tuple[tuple[Rgb, float], ...]] = (
    ((226, 228, 230), 0.20), ((34, 36, 40), 0.19), ((128, 132, 138), 0.17), ((184, 188, 193), 0.12),
    ((36, 62, 122), 0.10), ((158, 30, 34), 0.09), ((60, 96, 150), 0.04), ((38, 74, 58), 0.04),
    ((198, 178, 140), 0.03), ((214, 112, 32), 0.01), ((96, 62, 46), 0.01),
)  # fmt: skip
_GLASS: Final[Rgb] = (42, 54, 66)
_TRIM: Final[Rgb] = (30, 31, 34)
_SILL_M: Final = 0.24


@lru_cache(maxsize=256)
def car_mesh(variant: str, look: int, *, is_lit: bool, is_braking: bool) -> Mesh:
    """Return a car in its own frame, its middle at the origin, its nose towards +x.

    Args:
        variant: A key of :data:`BODIES`.
        look: Seed of paint and trim.
        is_lit: Headlights and tail lights are on.
        is_braking: Brake lights are on.
    """
    rng = np.random.default_rng(look)
    body = BODIES[variant]
    paint = _paint(variant, rng)
    build = MeshBuilder()
    _add_wheels(build, body, rim=(150.0, 152.0, 156.0) if rng.random() < 0.7 else (70.0, 72.0, 76.0))
    _add_shell(build, body, paint)
    _add_greenhouse(build, body, paint)
    _add_front(build, body, is_lit=is_lit)
    _add_rear(build, body, is_lit=is_lit, is_braking=is_braking)
    if variant == "taxi":
        top = body.height_m
        build.box(
            (-0.25, -0.28, top),
            (-0.05, 0.28, top + 0.14),
            (250, 222, 120),
            layer=8,
            glow=0.8 if is_lit else 0.0,
        )
    return build.build()


def _paint(variant: str, rng: np.random.Generator) -> Rgb:
    if variant == "taxi":
        return (232, 186, 36) if rng.random() < 0.6 else (28, 29, 32)
    if variant == "van" and rng.random() < 0.6:
        return (232, 233, 234)
    shares = np.array([share for _, share in _PAINTS])
    base = _PAINTS[int(rng.choice(len(_PAINTS), p=shares / shares.sum()))][0]
    return tinted(base, float(rng.uniform(0.88, 1.12)))


def _add_shell(build: MeshBuilder, body: CarBody, paint: Rgb) -> None:
    """Add the lower body: lofted between the sections, with a crease along the side."""
    half = body.width_m / 2
    middle: Point3 = (0.0, 0.0, 0.6)
    for (at0, w0, t0), (at1, w1, t1) in zip(body.sections, body.sections[1:], strict=False):
        x0, x1 = at0 * body.length_m, at1 * body.length_m
        crease0, crease1 = _SILL_M + 0.52 * (t0 - _SILL_M), _SILL_M + 0.52 * (t1 - _SILL_M)
        for side in (-1.0, 1.0):
            y0, y1 = side * w0 * half, side * w1 * half
            low0, low1 = y0 * 0.955, y1 * 0.955
            build.face(
                [(x0, low0, _SILL_M), (x1, low1, _SILL_M), (x1, y1, crease1), (x0, y0, crease0)],
                tinted(paint, 0.86),
                inside=middle,
            )
            build.face(
                [(x0, y0, crease0), (x1, y1, crease1), (x1, y1 * 0.96, t1), (x0, y0 * 0.96, t0)],
                paint,
                inside=middle,
            )
            build.face(
                [
                    (x0, low0, _SILL_M),
                    (x1, low1, _SILL_M),
                    (x1, low1, _SILL_M + 0.1),
                    (x0, low0, _SILL_M + 0.1),
                ],
                _TRIM,
                layer=2,
                inside=middle,
            )
        build.face(
            [(x0, -w0 * half, t0), (x0, w0 * half, t0), (x1, w1 * half, t1), (x1, -w1 * half, t1)],
            tinted(paint, 1.06),
            inside=middle,
        )
    for index in (0, -1):
        at, share, top = body.sections[index]
        x, y = at * body.length_m, share * half
        build.face(
            [(x, -y, _SILL_M), (x, y, _SILL_M), (x, y, top), (x, -y, top)], tinted(paint, 0.94), inside=middle
        )


def _edge_height(body: CarBody, place: float) -> float:
    """Return the height of the body's edge at a place along the car."""
    places = [section[0] for section in body.sections][::-1]
    heights = [section[2] for section in body.sections][::-1]
    return float(np.interp(place, places, heights))


def _add_greenhouse(build: MeshBuilder, body: CarBody, paint: Rgb) -> None:
    """Add the part above the belt: pillars in paint, glass set into it, the roof."""
    foot_front, foot_rear, roof_front, roof_rear = body.glass
    half, length, top = body.width_m / 2 * 0.95, body.length_m, body.height_m
    roof = body.width_m / 2 * body.roof_share
    z0, z1 = _edge_height(body, foot_front), _edge_height(body, foot_rear)
    f, r, rf, rr = foot_front * length, foot_rear * length, roof_front * length, roof_rear * length
    middle: Point3 = ((f + r) / 2, 0.0, (z0 + top) / 2)
    screen: Quad = ((f, -half, z0), (f, half, z0), (rf, roof, top - 0.03), (rf, -roof, top - 0.03))
    rear: Quad = (
        (r, -half * 0.95, z1),
        (r, half * 0.95, z1),
        (rr, roof, top - 0.03),
        (rr, -roof, top - 0.03),
    )
    build.face(screen, paint, layer=4, inside=middle)
    build.face(patch(screen, (0.05, 0.95), (0.06, 0.94)), tinted(_GLASS, 1.25), layer=5, inside=middle)
    build.face(rear, paint, layer=4, inside=middle)
    if body.has_rear_windows:
        build.face(patch(rear, (0.09, 0.91), (0.14, 0.90)), _GLASS, layer=5, inside=middle)
    else:
        build.face(patch(rear, (0.08, 0.47), (0.45, 0.88)), _GLASS, layer=5, inside=middle)
        build.face(patch(rear, (0.53, 0.92), (0.45, 0.88)), _GLASS, layer=5, inside=middle)
    for side in (-1.0, 1.0):
        flank: Quad = (
            (f, side * half, z0),
            (r, side * half * 0.95, z1),
            (rr, side * roof, top - 0.03),
            (rf, side * roof, top - 0.03),
        )
        build.face(flank, paint, layer=4, inside=middle)
        _add_side_glass(build, flank, middle, has_rear=body.has_rear_windows)
        x = f - 0.18
        y = side * (half + 0.04)
        build.box(
            (x - 0.1, min(y, y + side * 0.16), z0 + 0.02),
            (x + 0.08, max(y, y + side * 0.16), z0 + 0.17),
            tinted(paint, 0.8),
            layer=3,
        )
    build.face(
        [(rf, -roof, top - 0.03), (rf, roof, top - 0.03), (rr, roof, top), (rr, -roof, top)],
        tinted(paint, 1.04),
        layer=4,
        inside=middle,
    )


def _add_side_glass(build: MeshBuilder, flank: Quad, middle: Point3, *, has_rear: bool) -> None:
    windows = ((0.10, 0.47), (0.51, 0.80), (0.83, 0.94)) if has_rear else ((0.10, 0.34),)
    for start, end in windows:
        build.face(patch(flank, (start, end), (0.08, 0.88)), _GLASS, layer=5, inside=middle)


def _add_wheels(build: MeshBuilder, body: CarBody, *, rim: Rgb) -> None:
    radius = body.wheel_radius_m
    half = body.width_m / 2
    for place in (0.315, -0.30):
        x = place * body.length_m
        for side in (-1.0, 1.0):
            inner, outer = sorted((side * (half - 0.24), side * (half - 0.04)))
            build.box(
                (x - radius * 0.6, inner, 0.02),
                (x + radius * 0.6, outer, radius * 1.5),
                (18, 18, 20),
                layer=-1,
            )
            y = side * half * 0.985
            out = (0.0, side, 0.0)
            build.face(
                disc((x, y, radius), radius_m=radius * 1.2, axis="y", corners=14, arc=(0.0, 0.5)),
                (22, 22, 24),
                layer=2,
                normal=out,
            )
            build.face(
                disc((x, y, radius), radius_m=radius, axis="y", corners=14), (24, 24, 26), layer=3, normal=out
            )
            build.face(
                disc((x, y, radius), radius_m=radius * 0.64, axis="y", corners=10), rim, layer=4, normal=out
            )
            build.face(
                disc((x, y, radius), radius_m=radius * 0.22, axis="y", corners=6),
                (60, 60, 62),
                layer=5,
                normal=out,
            )


def _end_face(body: CarBody, index: int) -> tuple[Quad, Point3]:
    at, share, top = body.sections[index]
    x = at * body.length_m + (0.012 if index == 0 else -0.012)
    y = share * body.width_m / 2
    return ((x, -y, _SILL_M), (x, y, _SILL_M), (x, y, top), (x, -y, top)), (
        1.0 if index == 0 else -1.0,
        0.0,
        0.0,
    )


def _add_front(build: MeshBuilder, body: CarBody, *, is_lit: bool) -> None:
    face, out = _end_face(body, 0)
    build.face(patch(face, (0.0, 1.0), (0.0, 0.30)), _TRIM, layer=2, normal=out)
    build.face(patch(face, (0.28, 0.72), (0.36, 0.80)), (40, 42, 46), layer=2, normal=out)
    build.face(patch(face, (0.36, 0.64), (0.20, 0.42)), (222, 222, 206), layer=3, normal=out)
    lamp: Rgb = (255, 250, 228) if is_lit else (212, 216, 222)
    for start in (0.01, 0.75):
        build.face(
            patch(face, (start, start + 0.24), (0.62, 0.96)),
            lamp,
            layer=3,
            glow=1.0 if is_lit else 0.15,
            normal=out,
        )


def _add_rear(build: MeshBuilder, body: CarBody, *, is_lit: bool, is_braking: bool) -> None:
    face, out = _end_face(body, -1)
    build.face(patch(face, (0.0, 1.0), (0.0, 0.26)), _TRIM, layer=2, normal=out)
    build.face(patch(face, (0.36, 0.64), (0.46, 0.62)), (224, 206, 110), layer=3, normal=out)
    if is_braking:
        lamp, glow = (255.0, 58.0, 48.0), 0.95
    else:
        lamp, glow = ((232.0, 34.0, 32.0), 0.7) if is_lit else ((150.0, 22.0, 24.0), 0.05)
    for start in (0.01, 0.83):
        build.face(patch(face, (start, start + 0.16), (0.58, 0.94)), lamp, layer=3, glow=glow, normal=out)


def car_lights(variant: str, *, is_front: bool) -> list[Point3]:
    """Return the places of the two headlights (or tail lights) in the car's own frame."""
    body = BODIES[variant]
    at, share, top = body.sections[0 if is_front else -1]
    y = share * body.width_m / 2 * 0.8
    return [(at * body.length_m, side * y, top * 0.86) for side in (-1.0, 1.0)]
