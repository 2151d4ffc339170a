"""The ground: road, pavements, verges, markings and the shadows and lights that lie on it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from goldsmith.demo.world.bodies.car import BODIES
from goldsmith.demo.world.camera import Camera
from goldsmith.demo.world.light import Light, light_of
from goldsmith.demo.world.mesh import Mesh, MeshBuilder, Point3, disc, tinted
from goldsmith.demo.world.scene import Building, Prop, Scene
from goldsmith.demo.world.sprite import Easel, Fill, mesh_sprite
from goldsmith.demo.world.street import Street
from goldsmith.demo.world.types import Actor, Floats, ObjectKind, Rgb, TimeOfDay

FAR_M: Final = 170.0
_MARK: Final[Rgb] = (222, 220, 212)
_KERB: Final[Rgb] = (186, 184, 178)
_PATCH_CORNERS: Final = 9
_HARD_SHADOW: Final = 0.2
"""Shadow strength from which the sun draws clear outlines; below it there is only a dark foot under things."""


class _Surface:
    """Collects quads in street coordinates, flat on the ground, drawn in the order of adding."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self.build = MeshBuilder()
        self.layer = 0

    def strip(self, s: tuple[float, float], d: tuple[float, float], rgb: Rgb) -> None:
        """Add a rectangle from s[0] to s[1] and d[0] to d[1] above all earlier ones."""
        self.layer += 1
        (s0, s1), (d0, d1) = s, d
        self.build.face(
            [(s0, d0, 0.0), (s1, d0, 0.0), (s1, d1, 0.0), (s0, d1, 0.0)],
            rgb,
            layer=self.layer,
            is_two_sided=True,
            normal=(0, 0, 1),
        )

    def long_strip(self, d: tuple[float, float], rgb: Rgb, *, s: tuple[float, float] = (-6.0, FAR_M)) -> None:
        """Add a band along the street, cut into pieces that follow its curve."""
        start, end = s
        at = start
        while at < end - 1e-6:
            step = max(7.0, 0.2 * max(at, 0.0))
            self.strip((at, min(at + step, end)), d, rgb)
            at += step

    def blot(self, points: list[Point3], rgb: Rgb) -> None:
        """Add any flat polygon above all earlier ones."""
        self.layer += 1
        self.build.face(points, rgb, layer=self.layer, is_two_sided=True, normal=(0, 0, 1))


def ground_mesh(scene: Scene) -> Mesh:
    """Return the ground of a scene in the world frame; the layers give the order of drawing."""
    street = scene.street
    rng = np.random.default_rng(scene.look + 11)
    surface = _Surface(street)
    right, left = street.right_kerb_m, street.left_kerb_m
    surface.long_strip((-75.0, 75.0), street.verge_rgb)
    for side in (-1, 1):
        kerb, front = street.kerb_m(side), street.kerb_m(side) + side * street.pavement_m
        surface.long_strip((min(kerb, front), max(kerb, front)), street.pavement_rgb)
        _add_slabs(surface, kerb, front, street.pavement_rgb)
        surface.long_strip((min(kerb, kerb + side * 0.18), max(kerb, kerb + side * 0.18)), _KERB)
    surface.long_strip((right, left), street.asphalt_rgb)
    if street.junction_s_m is not None:
        _add_side_road(surface, street.junction_s_m)
    _add_wear(surface, rng)
    _add_markings(surface)
    return street.bent(surface.build.build())


def _add_slabs(surface: _Surface, kerb: float, front: float, rgb: Rgb) -> None:
    line = tinted(rgb, 0.88)
    low, high = min(kerb, front), max(kerb, front)
    for index in range(16):
        s = 2.0 + index * 1.4
        surface.strip((s, s + 0.05), (low, high), line)
    surface.strip((2.0, 33.0), ((low + high) / 2 - 0.02, (low + high) / 2 + 0.02), line)


def _add_side_road(surface: _Surface, start: float) -> None:
    street = surface.street
    end = start + street.junction_m
    for s in ((start - street.pavement_m, start), (end, end + street.pavement_m)):
        for d in ((street.left_kerb_m, 60.0), (-60.0, street.right_kerb_m)):
            surface.strip(s, d, street.pavement_rgb)
    surface.strip((start, end), (-60.0, 60.0), street.asphalt_rgb)
    for side in (-1, 1):
        kerb = street.kerb_m(side)
        edge = kerb + side * 0.5
        surface.strip((start + street.junction_m / 2, end - 0.3), (min(kerb, edge), max(kerb, edge)), _MARK)


def _add_wear(surface: _Surface, rng: np.random.Generator) -> None:
    """Add repairs, cracks, wheel tracks and manholes."""
    street = surface.street
    rgb = street.asphalt_rgb
    for lane in range(-street.lanes_each_way, street.lanes_each_way):
        middle = (lane + 0.5) * street.lane_m
        for offset in (-0.75, 0.75):
            surface.long_strip(
                (middle + offset - 0.22, middle + offset + 0.22), tinted(rgb, 0.965), s=(0.0, 55.0)
            )
    for _ in range(int(rng.integers(5, 11))):
        s, d = (
            float(rng.uniform(4, 45)),
            float(rng.uniform(street.right_kerb_m + 0.5, street.left_kerb_m - 1.5)),
        )
        size = float(rng.uniform(0.4, 1.4))
        shade = tinted(rgb, float(rng.choice([0.86, 0.92, 1.07, 1.10])))
        surface.strip((s, s + size * float(rng.uniform(1, 4))), (d, d + size), shade)
    for _ in range(3):
        s, d = (
            float(rng.uniform(5, 28)),
            float(rng.uniform(street.right_kerb_m + 0.8, street.left_kerb_m - 0.8)),
        )
        surface.blot(
            [(s + y, d + z, 0.0) for _, y, z in disc((0, 0, 0), radius_m=0.36, axis="x", corners=12)],
            tinted(rgb, 0.62),
        )
    for _ in range(6):
        s, d = float(rng.uniform(4, 30)), float(rng.uniform(street.right_kerb_m, street.left_kerb_m))
        points = [
            (
                s + float(rng.uniform(0.5, 1.0)) * 0.9 * math.cos(a),
                d + float(rng.uniform(0.5, 1.0)) * 0.6 * math.sin(a),
                0.0,
            )
            for a in np.linspace(0, 2 * math.pi, _PATCH_CORNERS, endpoint=False).tolist()
        ]
        surface.blot(points, tinted(rgb, 0.93))


def _add_markings(surface: _Surface) -> None:
    street = surface.street
    for lane in range(-street.lanes_each_way + 1, street.lanes_each_way):
        d = lane * street.lane_m
        if lane == 0 and street.lanes_each_way > 1:
            for offset in (-0.14, 0.14):
                _line(surface, d + offset, dash=None)
        else:
            _line(surface, d, dash=3.0)
    if street.parking_right_m:
        _line(surface, street.right_kerb_m + street.parking_right_m, dash=1.5)
    if street.parking_left_m:
        _line(surface, street.left_kerb_m - street.parking_left_m, dash=1.5)
    if street.junction_s_m is not None:
        s = street.junction_s_m - 4.6
        surface.strip((s, s + 0.4), (street.right_kerb_m + street.parking_right_m + 0.1, -0.1), _MARK)
    if street.zebra_s_m is not None:
        bar = street.right_kerb_m + 0.3
        while bar < street.left_kerb_m - 0.4:
            surface.strip((street.zebra_s_m, street.zebra_s_m + 2.8), (bar, bar + 0.5), _MARK)
            bar += 1.0


def _line(surface: _Surface, d: float, *, dash: float | None) -> None:
    """Add a line along the street with gaps at side roads and crossings; solid without a dash length."""
    street = surface.street
    s = -2.0
    step = 4.0 if dash is None else 2.2 * dash
    length = 4.0 if dash is None else dash
    while s < 110.0:
        on_zebra = street.zebra_s_m is not None and street.zebra_s_m - length < s < street.zebra_s_m + 3.0
        if not on_zebra and not street.is_junction(s + length / 2, margin_m=3.0):
            surface.strip((s, s + length), (d - 0.06, d + 0.06), tinted(_MARK, 0.96))
        s += step


def draw_ground(
    easel: Easel,
    scene: Scene,
    mesh: Mesh,
    still: list[Floats],
    *,
    camera: Camera,
    light: Light,
    time_s: float,
) -> None:
    """Draw the ground with its shadows and, in the dark, the pools of light on it.

    Args:
        easel: Where to draw.
        scene: What is there.
        mesh: :func:`ground_mesh` of the scene.
        still: :func:`still_shadows` of the scene.
        camera: The view.
        light: The light.
        time_s: Seconds since the sequence began.
    """
    is_night = scene.conditions.time_of_day is TimeOfDay.NIGHT
    flat = replace(light, ambient=np.full(3, 0.78), sun=np.zeros(3), is_dark=False) if is_night else light
    sprite = mesh_sprite(mesh, camera=camera, light=flat)
    if sprite is not None:
        easel.draw_ground(sprite.shapes)
    if light.shadow_strength > 0:
        _draw_shadows(easel, scene, still, camera=camera, light=light, time_s=time_s)
    if is_night:
        _draw_light_pools(easel, scene, camera=camera, light=light, time_s=time_s)


# ---- shadows -----------------------------------------------------------------------------------------------------


def still_shadows(scene: Scene) -> list[Floats]:
    """Return the outlines on the ground, each of shape (n, 2) in the world, that houses and clutter shade."""
    light = light_of(
        scene.conditions, sun_azimuth_rad=scene.sun_azimuth_rad, lamps=np.empty((0, 3)), eye=np.zeros(3),
        view=np.array([1.0, 0.0, 0.0]), has_headlights=False,
    )  # fmt: skip
    if light.shadow_strength < _HARD_SHADOW:
        return []
    reach = _reach(light)
    quads: list[Floats] = []
    for building in scene.buildings:
        quads += _building_shadow(scene.street, building, reach)
    for prop in scene.props:
        quads += _prop_shadow(scene.street, prop, reach)
    return quads


def _reach(light: Light) -> Floats:
    """Return where the shadow of a point one metre up falls, shape (2,)."""
    reach: Floats = light.sun_direction[:2] / -light.sun_direction[2]
    return reach


def _draw_shadows(
    easel: Easel, scene: Scene, still: list[Floats], *, camera: Camera, light: Light, time_s: float
) -> None:
    top = min(max(int(camera.horizon_px), 0), easel.picture.height - 1)
    mask = Image.new("L", (easel.picture.width, easel.picture.height - top), 0)
    draw = ImageDraw.Draw(mask)
    reach = _reach(light) * (1.0 if light.shadow_strength >= _HARD_SHADOW else 0.15)
    quads = [quad for actor in scene.actors for quad in _actor_shadow(scene.street, actor, reach, time_s)]
    for fill in _ground_fills(still + quads, camera, round(255 * light.shadow_strength)):
        draw.polygon(fill.moved(0, -top).points, fill.ink[0])
    easel.picture.paste((18, 20, 34), (0, top), mask)


def _ground_fills(quads: list[Floats], camera: Camera, value: int) -> list[Fill]:
    """Project ground polygons given as (n, 2) world positions; those across the near plane are dropped."""
    if not quads:
        return []
    counts = [len(quad) for quad in quads]
    points = np.zeros((sum(counts), 3))
    points[:, :2] = np.concatenate(quads)
    flat, depths = camera.project(points)
    pixels = np.rint(np.clip(flat, -8000, 8000)).astype(np.int64).ravel().tolist()
    starts = np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.intp)
    is_near = (np.minimum.reduceat(depths, starts) <= 0.5).tolist()
    fills: list[Fill] = []
    at = 0
    for count, hidden in zip(counts, is_near, strict=True):
        if not hidden:
            fills.append(Fill(pixels[2 * at : 2 * (at + count)], (value, value, value)))
        at += count
    return fills


def _extruded(base: Floats, offset: Floats) -> list[Floats]:
    """Return the shadow of an upright prism over the polygon ``base``, as one quad for each side and the base."""
    sides = [
        np.stack([a, b, b + offset, a + offset]) for a, b in zip(base, np.roll(base, -1, axis=0), strict=True)
    ]
    return [base, base + offset, *sides]


def _building_shadow(street: Street, building: Building, reach: Floats) -> list[Floats]:
    back = building.front_m + building.side * building.depth_m
    corners = np.array(
        [
            [max(building.start_m, -2.0), building.front_m, 0.0],
            [building.end_m, building.front_m, 0.0],
            [building.end_m, back, 0.0],
            [max(building.start_m, -2.0), back, 0.0],
        ]
    )
    return _extruded(street.points(corners)[:, :2], reach * building.height_m)[2:]


def _prop_shadow(street: Street, prop: Prop, reach: Floats) -> list[Floats]:
    at = street.points(np.array([[prop.s_m, prop.d_m, 0.0]]))[0, :2]
    aside = np.array([-reach[1], reach[0]]) / (np.hypot(*reach) or 1.0)
    if prop.kind in ("tree", "conifer"):
        crown = at + reach * prop.size_m * 0.7
        angles = np.linspace(0, 2 * math.pi, 12, endpoint=False)
        wobble = 1.0 + 0.18 * np.sin(angles * 3 + prop.look % 7)
        radius = prop.size_m * 0.27
        blob = crown + np.stack([np.cos(angles), np.sin(angles)], axis=1) * (radius * wobble)[:, None]
        return [
            np.stack([at - aside * 0.15, at + aside * 0.15, crown + aside * 0.1, crown - aside * 0.1]),
            blob,
        ]
    width = {"lamp": 0.06, "pole": 0.04, "signal_pole": 0.08, "mast": 0.1, "bollard": 0.07, "cone": 0.12}.get(
        prop.kind
    )
    if width is not None:
        top = at + reach * prop.size_m
        return [np.stack([at - aside * width, at + aside * width, top + aside * width, top - aside * width])]
    if prop.kind in ("bush", "hedge", "hoarding", "shelter"):
        return []
    half = 0.3
    square = at + np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    return _extruded(square, reach * 1.0)


def _actor_shadow(street: Street, actor: Actor, reach: Floats, time_s: float) -> list[Floats]:
    pose = street.pose_of(actor.motion, time_s)
    if actor.kind in (ObjectKind.TRAFFIC_LIGHT, ObjectKind.ROAD_SIGN):
        return []
    length, width, height = actor.size_m
    share = 1.0 if actor.kind is ObjectKind.CAR else 0.55
    half = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) * (
        length / 2 * (0.98 if share == 1.0 else 0.8),
        width / 2 * share,
    )
    cos, sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
    base = half @ np.array([[cos, sin], [-sin, cos]]) + (pose.x_m, pose.y_m)
    return _extruded(base, reach * height * (0.85 if actor.kind is ObjectKind.CAR else 1.0))


# ---- light in the dark -------------------------------------------------------------------------------------------

_POOL_SHRINK: Final = 8


def _draw_light_pools(easel: Easel, scene: Scene, *, camera: Camera, light: Light, time_s: float) -> None:
    """Darken the ground to the night and leave light under lamps and before headlights."""
    width, height = easel.picture.size
    top = min(max(int(camera.horizon_px), 0), height - _POOL_SHRINK)
    base = tuple(int(255 * value / 0.78) for value in light.ambient)
    glow = Image.new("RGB", (width // _POOL_SHRINK, (height - top) // _POOL_SHRINK + 1), base)
    draw = ImageDraw.Draw(glow)
    shapes: list[tuple[Fill, tuple[int, int, int]]] = []
    for ring, rgb in (
        (7.0, (70, 62, 58)),
        (5.0, (112, 94, 72)),
        (3.0, (158, 130, 92)),
        (1.6, (196, 164, 116)),
    ):
        for lamp in light.lamps:
            shapes += [(fill, rgb) for fill in _ground_fills([_circle(lamp[:2], ring)], camera, 0)]
    cones = _headlight_cones(scene, time_s)
    if light.headlight > 0:
        cones.append((light.eye[:2], math.atan2(light.view[1], light.view[0])))
    for reach, half, rgb in (
        (30.0, 0.24, (92, 90, 86)),
        (20.0, 0.19, (140, 136, 124)),
        (12.0, 0.15, (190, 184, 166)),
    ):
        for origin, heading in cones:
            shapes += [
                (fill, rgb) for fill in _ground_fills([_cone(origin, heading, reach, half)], camera, 0)
            ]
    for fill, rgb in shapes:
        points = [
            (value - (top if odd else 0)) / _POOL_SHRINK
            for value, odd in zip(fill.points, _alternating(len(fill.points)), strict=True)
        ]
        draw.polygon(points, rgb)
    glow = glow.filter(ImageFilter.GaussianBlur(2.2))
    lower = easel.picture.crop((0, top, width, height))
    easel.picture.paste(
        ImageChops.multiply(lower, glow.resize(lower.size, Image.Resampling.BILINEAR)), (0, top)
    )


def _alternating(count: int) -> list[bool]:
    return [index % 2 == 1 for index in range(count)]


def _circle(middle: Floats, radius_m: float) -> Floats:
    angles = np.linspace(0, 2 * math.pi, 14, endpoint=False)
    return middle + radius_m * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _cone(origin: Floats, heading: float, reach_m: float, half_rad: float) -> Floats:
    ahead = np.array([math.cos(heading), math.sin(heading)])
    points = [origin + ahead * 2.5]
    for turn in (-half_rad, -half_rad / 2, 0.0, half_rad / 2, half_rad):
        angle = heading + turn
        points.append(
            origin
            + reach_m
            * np.array([math.cos(angle), math.sin(angle)])
            * (1.0 - 0.6 * turn * turn / half_rad**2 * 0.5)
        )
    return np.stack(points)


def _headlight_cones(scene: Scene, time_s: float) -> list[tuple[Floats, float]]:
    cones: list[tuple[Floats, float]] = []
    for actor in scene.actors:
        if actor.kind is ObjectKind.CAR and (actor.motion.s_mps or actor.motion.d_mps):
            pose = scene.street.pose_of(actor.motion, time_s)
            nose = BODIES[actor.variant].length_m / 2
            cones.append(
                (
                    np.array(
                        [
                            pose.x_m + nose * math.cos(pose.heading_rad),
                            pose.y_m + nose * math.sin(pose.heading_rad),
                        ]
                    ),
                    pose.heading_rad,
                )
            )
    return cones
