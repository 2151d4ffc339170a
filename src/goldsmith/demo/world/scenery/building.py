"""Houses: walls with windows, doors, shops, balconies and roofs, built in street coordinates (s, d, z)."""

from __future__ import annotations

from typing import Final

import numpy as np

from goldsmith.demo.world.mesh import Mesh, MeshBuilder, Point3, Quad, patch, tinted
from goldsmith.demo.world.scene import Building
from goldsmith.demo.world.scenery.poster import add_poster
from goldsmith.demo.world.types import Rgb

_WALLS: Final[dict[str, tuple[Rgb, ...]]] = {
    "brick": ((150, 82, 62), (132, 72, 58), (168, 104, 78), (116, 80, 68), (176, 132, 100)),
    "plaster": (
        (222, 208, 178),
        (206, 214, 208),
        (226, 190, 160),
        (196, 204, 216),
        (232, 226, 210),
        (208, 178, 150),
    ),
    "shop": ((190, 176, 154), (160, 110, 86), (214, 206, 192), (172, 178, 182), (142, 92, 74)),
    "office": ((150, 160, 170), (108, 116, 126), (186, 190, 194), (130, 122, 114)),
    "house": ((236, 228, 212), (180, 108, 84), (214, 200, 170), (168, 182, 190)),
    "wall": ((150, 146, 138), (128, 120, 112), (170, 150, 130)),
}
_ROOFS: Final[tuple[Rgb, ...]] = ((118, 62, 50), (78, 74, 78), (96, 84, 76), (140, 82, 62))
_SHOPS: Final[tuple[Rgb, ...]] = (
    (176, 34, 40),
    (28, 78, 150),
    (30, 110, 72),
    (232, 190, 50),
    (54, 54, 60),
    (220, 110, 40),
    (122, 60, 120),
)
_PANE: Final[Rgb] = (68, 84, 102)
_LIT: Final[tuple[Rgb, ...]] = ((255, 214, 140), (255, 232, 180), (226, 220, 210))


class _Front:
    """One wall towards the street: a quad with shares u along it (near to far) and v up."""

    def __init__(
        self, build: MeshBuilder, quad: Quad, normal: Point3, *, is_dark: bool, rng: np.random.Generator
    ) -> None:
        self.build = build
        self.quad = quad
        self.normal = normal
        self.is_dark = is_dark
        self.rng = rng

    def panel(
        self, u: tuple[float, float], v: tuple[float, float], rgb: Rgb, *, layer: int = 1, glow: float = 0.0
    ) -> None:
        """Add a flat panel on the wall."""
        self.build.face(
            patch(self.quad, u, v), rgb, layer=layer, glow=glow, is_decal=True, normal=self.normal
        )

    def window(
        self, u: tuple[float, float], v: tuple[float, float], frame: Rgb | None, *, lit_share: float
    ) -> None:
        """Add a window, lit from inside now and then when it is dark."""
        if frame is not None:
            du, dv = (u[1] - u[0]) * 0.11, (v[1] - v[0]) * 0.09
            self.panel((u[0] - du, u[1] + du), (v[0] - dv, v[1] + dv), frame)
        if self.is_dark and self.rng.random() < lit_share:
            self.panel(u, v, _LIT[int(self.rng.integers(len(_LIT)))], layer=2, glow=0.85)
        else:
            self.panel(u, v, tinted(_PANE, float(self.rng.uniform(0.7, 1.5))), layer=2)


def building_mesh(building: Building, *, is_dark: bool) -> Mesh:
    """Return a house in street coordinates; windows are lit when it is dark."""
    rng = np.random.default_rng(building.look)
    walls = _WALLS[building.style]
    wall = tinted(walls[int(rng.integers(len(walls)))], float(rng.uniform(0.88, 1.10)))
    build = MeshBuilder()
    side, front = float(building.side), building.front_m
    back, top = front + side * building.depth_m, building.height_m
    near, far = building.start_m, building.end_m
    out: Point3 = (0.0, -side, 0.0)
    quad: Quad = ((near, front, 0.0), (far, front, 0.0), (far, front, top), (near, front, top))
    flank: Quad = ((near, back, 0.0), (near, front, 0.0), (near, front, top), (near, back, top))
    build.face(flank, tinted(wall, 0.93), normal=(-1, 0, 0))
    build.face(quad, wall, normal=out)
    build.face(patch(quad, (0.0, 1.0), (0.0, 0.5 / max(top, 1.0))), tinted(wall, 0.72), layer=1, normal=out)
    _add_roof(build, building, rng)
    facade = _Front(build, quad, out, is_dark=is_dark, rng=rng)
    gable = _Front(build, flank, (-1.0, 0.0, 0.0), is_dark=is_dark, rng=rng)
    _dress(facade, gable, building, wall)
    return build.build()


def _dress(facade: _Front, gable: _Front, building: Building, wall: Rgb) -> None:
    match building.style:
        case "office":
            _add_bands(facade, building, glass=0.72, mullions=building.detail == 2)
            _add_bands(gable, building, glass=0.6, mullions=False)
        case "wall":
            _add_wall_art(facade, building)
        case _:
            has_shop = building.style == "shop"
            if building.detail == 2:
                _add_windows(facade, building, first_floor=1 if has_shop else 0, wall=wall)
            else:
                _add_bands(facade, building, glass=0.42, mullions=False)
            if has_shop:
                _add_shop(facade, building)
            elif building.detail == 2:
                _add_door(facade, building)
            if gable.rng.random() < 0.35 and building.detail:
                _add_gable_windows(gable, building)


def _add_roof(build: MeshBuilder, building: Building, rng: np.random.Generator) -> None:
    side, front, top = float(building.side), building.front_m, building.height_m
    near, far = building.start_m, building.end_m
    rgb = _ROOFS[int(rng.integers(len(_ROOFS)))]
    if building.style in ("brick", "house"):
        eaves = front - side * 0.35
        ridge_d, ridge_z = front + side * building.depth_m / 2, top + building.depth_m * 0.32
        build.face(
            [
                (near, eaves, top - 0.1),
                (far, eaves, top - 0.1),
                (far, ridge_d, ridge_z),
                (near, ridge_d, ridge_z),
            ],
            rgb,
            layer=1,
            normal=(0, -0.54 * side, 0.84),
        )
        back = front + side * building.depth_m
        build.face(
            [(near, front, top), (near, back, top), (near, ridge_d, ridge_z)],
            tinted(rgb, 1.25),
            normal=(-1, 0, 0),
        )
        if building.style == "brick":
            at = near + (far - near) * 0.2
            low, high = sorted((ridge_d - side * 0.9, ridge_d - side * 0.2))
            build.box((at, low, ridge_z - 1.0), (at + 0.7, high, ridge_z + 0.7), (122, 70, 56), layer=2)
    else:
        low, high = sorted((front - side * 0.22, front + side * 0.6))
        build.box(
            (near - 0.05, low, top - 0.35),
            (far, high, top + 0.12),
            tinted((150, 146, 140), float(rng.uniform(0.6, 1.3))),
            layer=3,
        )


def _add_windows(front: _Front, building: Building, *, first_floor: int, wall: Rgb) -> None:
    """Add windows in a grid, one for each bay and floor, with sills or balconies."""
    rng = front.rng
    length = building.end_m - building.start_m
    bays = max(2, round(length / float(rng.uniform(2.4, 3.4))))
    frame: Rgb | None = (232, 230, 224) if rng.random() < 0.65 else tinted(wall, 0.62)
    width, height = float(rng.uniform(0.34, 0.52)), float(rng.uniform(0.42, 0.58))
    has_balconies = building.style == "plaster" and rng.random() < 0.4
    lit = float(rng.uniform(0.12, 0.45))
    for floor in range(first_floor, building.floors):
        base = (floor + 0.28) / building.floors
        for bay in range(bays):
            middle = (bay + 0.5) / bays
            u = (middle - width / 2 / bays, middle + width / 2 / bays)
            front.window(u, (base, base + height / building.floors), frame, lit_share=lit)
            if has_balconies and floor > 0 and bay % 2 == 0:
                low = floor / building.floors
                front.panel(
                    (u[0] - 0.3 / bays, u[1] + 0.3 / bays),
                    (low, low + 0.30 / building.floors),
                    tinted(wall, 0.55),
                    layer=3,
                )


def _add_bands(front: _Front, building: Building, *, glass: float, mullions: bool) -> None:
    """Add a band of glass on each floor; what is far away shows no single windows."""
    rng = front.rng
    for floor in range(building.floors):
        low = (floor + 0.22) / building.floors
        is_lit = front.is_dark and rng.random() < 0.25
        rgb = _LIT[0] if is_lit else tinted(_PANE, float(rng.uniform(0.85, 1.35)))
        front.panel((0.04, 0.96), (low, low + glass / building.floors), rgb, glow=0.5 if is_lit else 0.0)
    if mullions:
        count = max(3, round((building.end_m - building.start_m) / 1.8))
        for index in range(1, count):
            at = index / count
            front.panel((at - 0.012, at + 0.012), (0.02, 0.98), (90, 94, 100), layer=2)


def _add_gable_windows(front: _Front, building: Building) -> None:
    for floor in range(building.floors):
        low = (floor + 0.32) / building.floors
        front.window((0.62, 0.76), (low, low + 0.45 / building.floors), (226, 224, 218), lit_share=0.2)


def _add_door(front: _Front, building: Building) -> None:
    rng = front.rng
    width = 1.1 / (building.end_m - building.start_m)
    at = float(rng.uniform(0.1, 0.8))
    high = 2.2 / building.height_m
    rgb = _SHOPS[int(rng.integers(len(_SHOPS)))]
    front.panel((at - width * 0.2, at + width * 1.2), (0.0, high * 1.06), (220, 216, 208), layer=3)
    front.panel((at, at + width), (0.0, high), tinted(rgb, 0.7), layer=4)


def _add_shop(front: _Front, building: Building) -> None:
    """Add shop windows, a door, a name board with a round emblem, and perhaps an awning."""
    rng = front.rng
    floor = 1 / building.floors
    count = max(1, round((building.end_m - building.start_m) / 6.5))
    for index in range(count):
        u0, u1 = (index + 0.04) / count, (index + 0.96) / count
        rgb = _SHOPS[int(rng.integers(len(_SHOPS)))]
        is_open = front.is_dark and rng.random() < 0.6
        pane: Rgb = (255, 226, 170) if is_open else tinted(_PANE, float(rng.uniform(0.8, 1.2)))
        front.panel((u0, u1), (0.0, 0.95 * floor), tinted(rgb, 0.5), layer=2)
        split = u0 + (u1 - u0) * 0.72
        front.panel(
            (u0 + 0.01, split), (0.16 * floor, 0.70 * floor), pane, layer=3, glow=0.8 if is_open else 0.0
        )
        front.panel(
            (split + 0.01, u1 - 0.01),
            (0.02 * floor, 0.70 * floor),
            tinted(pane, 0.75),
            layer=3,
            glow=0.5 if is_open else 0.0,
        )
        front.panel(
            (u0, u1),
            (0.74 * floor, 0.95 * floor),
            rgb,
            layer=4,
            glow=0.35 if front.is_dark and rng.random() < 0.5 else 0.0,
        )
        letters = int(rng.integers(3, 8))
        for letter in range(letters):
            start = u0 + (u1 - u0) * (0.2 + 0.6 * letter / letters)
            front.panel(
                (start, start + (u1 - u0) * 0.4 / letters),
                (0.79 * floor, 0.90 * floor),
                (240, 238, 230),
                layer=5,
            )
        if rng.random() < 0.35:
            _add_awning(front, building, (u0, u1), tinted(rgb, 1.1))


def _add_awning(front: _Front, building: Building, u: tuple[float, float], rgb: Rgb) -> None:
    side = float(building.side)
    near = building.start_m + (building.end_m - building.start_m) * u[0]
    far = building.start_m + (building.end_m - building.start_m) * u[1]
    high, low, out = building.floor_m * 0.78, building.floor_m * 0.66, building.front_m - side * 1.3
    stripes = 6
    for index in range(stripes):
        s0, s1 = near + (far - near) * index / stripes, near + (far - near) * (index + 1) / stripes
        shade = rgb if index % 2 else (232.0, 230.0, 224.0)
        front.build.face(
            [(s0, building.front_m, high), (s1, building.front_m, high), (s1, out, low), (s0, out, low)],
            shade,
            layer=7,
            is_two_sided=True,
            normal=(0, 0, 1),
        )
        front.build.face(
            [(s0, out, low), (s1, out, low), (s1, out, low - 0.22), (s0, out, low - 0.22)],
            tinted(shade, 0.9),
            layer=8,
            is_two_sided=True,
            normal=front.normal,
        )


def _add_wall_art(front: _Front, building: Building) -> None:
    """Add a hoarding to a blank wall: pictures of things that are not there."""
    rng = front.rng
    length = building.end_m - building.start_m
    width = min(0.8, 6.0 / length)
    start = float(rng.uniform(0.05, 0.95 - width))
    low = 1.2 / building.height_m
    high = min(0.92, 4.2 / building.height_m)
    add_poster(
        front.build,
        patch(front.quad, (start, start + width), (low, high)),
        front.normal,
        rng,
        layer=2,
        glow=0.3 if front.is_dark else 0.0,
    )
