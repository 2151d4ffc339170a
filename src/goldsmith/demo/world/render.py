"""Draws a scene: picture and id buffer by the painter's algorithm, then what each object shows of itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from goldsmith.demo.world import air
from goldsmith.demo.world.backdrop import paint_sky
from goldsmith.demo.world.bodies.car import car_lights, car_mesh
from goldsmith.demo.world.bodies.cyclist import cyclist_figure
from goldsmith.demo.world.bodies.limbs import Figure, figure_sprite
from goldsmith.demo.world.bodies.person import person_figure
from goldsmith.demo.world.bodies.sign import sign_mesh
from goldsmith.demo.world.bodies.signal import lens_place, lens_rgb, signal_mesh
from goldsmith.demo.world.camera import Camera
from goldsmith.demo.world.ground import draw_ground, ground_mesh, still_shadows
from goldsmith.demo.world.light import Light, light_of
from goldsmith.demo.world.mesh import Mesh, Point3
from goldsmith.demo.world.scene import Prop, Scene
from goldsmith.demo.world.scenery.building import building_mesh
from goldsmith.demo.world.scenery.props import prop_shape
from goldsmith.demo.world.sprite import Easel, Glow, Sprite, mesh_sprite
from goldsmith.demo.world.types import (
    SUPERSAMPLING,
    Actor,
    Floats,
    ObjectKind,
    Pose,
    TimeOfDay,
    VisibleObject,
    Weather,
    WorldOptions,
)

_STRIDE_RAD_PER_M: Final = 4.3
_PEDAL_RAD_PER_M: Final = 1.6


@dataclass(frozen=True)
class Frame:
    """One rendered moment.

    Attributes:
        picture: The finished RGB picture, width x height of the options.
        ids: Id buffer at SUPERSAMPLING times that size, uint8, shape (h, w): 0 sky and ground, 255 unlabelled things,
            otherwise the actor_id.
        objects: Every actor with at least one visible pixel, near to far.
    """

    picture: Image.Image
    ids: NDArray[np.uint8]
    objects: tuple[VisibleObject, ...]


@dataclass(frozen=True)
class Stage:
    """A scene with everything that stands still placed in the world once.

    Attributes:
        scene: What is there.
        ground: Road, pavements and markings.
        shadows: Outlines on the ground that the still things shade.
        buildings: The houses with the depth key's place: their far end on the street side.
        props: Clutter: mesh in the world, or figure in its own frame, with its pose.
        skies: The last painted sky by heading.
    """

    scene: Scene
    ground: Mesh
    shadows: list[Floats]
    buildings: tuple[tuple[Mesh, Pose], ...]
    props: tuple[tuple[Prop, Pose, Mesh | Figure], ...]
    skies: dict[float, Image.Image] = field(default_factory=dict)

    def sky(self, camera: Camera, light: Light) -> Image.Image:
        """Return the sky behind the scene; it is painted once for each heading of the camera."""
        found = self.skies.get(camera.yaw_rad)
        if found is None:
            self.skies.clear()
            found = paint_sky(
                camera=camera, light=light, conditions=self.scene.conditions, look=self.scene.look
            )
            self.skies[camera.yaw_rad] = found
        return found


def stage_of(scene: Scene) -> Stage:
    """Return a scene made ready for rendering."""
    street = scene.street
    is_dark = scene.conditions.time_of_day is not TimeOfDay.DAY
    buildings = [
        (street.bent(building_mesh(building, is_dark=is_dark)), street.pose(building.end_m, building.front_m))
        for building in scene.buildings
    ]
    props: list[tuple[Prop, Pose, Mesh | Figure]] = []
    for prop in scene.props:
        pose = street.pose(prop.s_m, prop.d_m, 0.0, prop.heading_rad)
        shape = prop_shape(prop, is_dark=is_dark)
        props.append((prop, pose, shape.placed(pose) if isinstance(shape, Mesh) else shape))
    return Stage(scene, ground_mesh(scene), still_shadows(scene), tuple(buildings), tuple(props))


def render(stage: Stage, *, time_s: float, options: WorldOptions, rng: np.random.Generator) -> Frame:
    """Draw a scene at a time.

    Args:
        stage: What is there, from :func:`stage_of`.
        time_s: Seconds since the sequence began.
        options: Size of the picture.
        rng: Draws rain, noise and lens of this frame.
    """
    scene = stage.scene
    camera = scene.camera_at(time_s, width_px=options.width_px, height_px=options.height_px).scaled(
        SUPERSAMPLING
    )
    light = light_of(
        scene.conditions,
        sun_azimuth_rad=scene.sun_azimuth_rad,
        lamps=scene.lamp_places(),
        eye=camera.position,
        view=camera.rotation[2],
        has_headlights=scene.rig.kind == "car",
    )
    easel = Easel(stage.sky(camera, light).copy())
    draw_ground(easel, scene, stage.ground, stage.shadows, camera=camera, light=light, time_s=time_s)
    bare = _horizon_mask(easel, camera)
    sprites = _scenery_sprites(stage, camera, light) + _actor_sprites(scene, camera, light, time_s)
    sprites.sort(key=lambda sprite: -sprite.depth_m)
    for sprite in sprites:
        easel.draw(sprite)
    ids = np.asarray(easel.ids)
    objects = _visible_objects(scene, sprites, ids, time_s)
    picture = _through_the_air(scene, easel, ids, bare, sprites, objects, rng)
    return Frame(picture, ids, objects)


def _horizon_mask(easel: Easel, camera: Camera) -> int:
    """Return the first row of the picture that can be ground."""
    return min(max(math.ceil(camera.horizon_px) + 2, 0), easel.picture.height)


# ---- sprites -----------------------------------------------------------------------------------------------------


def _scenery_sprites(stage: Stage, camera: Camera, light: Light) -> list[Sprite]:
    sprites: list[Sprite] = []
    for mesh, far_end in stage.buildings:
        sprite = mesh_sprite(mesh, camera=camera, light=light, depth_m=_depth(far_end, camera))
        if sprite is not None:
            sprites.append(sprite)
    for prop, pose, shape in stage.props:
        depth = _depth(pose, camera)
        if depth < 0.8 or not _may_show(pose, depth, camera):
            continue
        sprite = (
            mesh_sprite(shape, camera=camera, light=light)
            if isinstance(shape, Mesh)
            else figure_sprite(shape, pose=pose, camera=camera, light=light, object_id=0)
        )
        if sprite is not None:
            sprite.depth_m = depth
            if prop.kind == "lamp" and light.is_dark:
                _add_lamp_glow(sprite, stage.scene, prop, camera)
            sprites.append(sprite)
    return sprites


def _may_show(pose: Pose, depth_m: float, camera: Camera) -> bool:
    """Say whether a thing within some metres of ``pose`` may reach into the image's width."""
    aside = (pose.x_m - camera.x_m) * camera.rotation[0, 0] + (pose.y_m - camera.y_m) * camera.rotation[0, 1]
    return bool(abs(aside) < depth_m * camera.width_px / 2 / camera.focal_px + 4.0)


def _actor_sprites(scene: Scene, camera: Camera, light: Light, time_s: float) -> list[Sprite]:
    sprites: list[Sprite] = []
    for actor in scene.actors:
        pose = scene.street.pose_of(actor.motion, time_s)
        depth = _depth(pose, camera)
        if depth < 1.0 or (actor.kind is ObjectKind.CAR and depth < 3.4):
            continue
        sprite = _actor_sprite(scene, actor, pose, camera, light, time_s)
        if sprite is not None:
            sprite.depth_m = depth
            sprites.append(sprite)
    return sprites


def _actor_sprite(
    scene: Scene, actor: Actor, pose: Pose, camera: Camera, light: Light, time_s: float
) -> Sprite | None:
    match actor.kind:
        case ObjectKind.CAR:
            return _car_sprite(scene, actor, pose, camera, light)
        case ObjectKind.TRAFFIC_LIGHT:
            return _signal_sprite(actor, pose, camera, light)
        case ObjectKind.ROAD_SIGN:
            mesh = sign_mesh(actor.variant, actor.look % 4).placed(pose)
            return mesh_sprite(mesh, camera=camera, light=light, object_id=actor.actor_id)
        case ObjectKind.PEDESTRIAN | ObjectKind.CYCLIST:
            figure = _rider_or_walker(scene, actor, time_s)
            return figure_sprite(figure, pose=pose, camera=camera, light=light, object_id=actor.actor_id)


def _rider_or_walker(scene: Scene, actor: Actor, time_s: float) -> Figure:
    way_m = time_s * math.hypot(actor.motion.s_mps, actor.motion.d_mps)
    phase = actor.look % 628 / 100
    if actor.kind is ObjectKind.CYCLIST:
        return cyclist_figure(
            height_m=actor.size_m[2], look=actor.look, phase=phase + way_m * _PEDAL_RAD_PER_M
        )
    return person_figure(
        height_m=actor.size_m[2],
        look=actor.look,
        phase=phase + way_m * _STRIDE_RAD_PER_M,
        is_walking=actor.variant == "walking",
        is_wet=scene.conditions.weather is Weather.RAIN,
    )


def _signal_sprite(actor: Actor, pose: Pose, camera: Camera, light: Light) -> Sprite | None:
    state = actor.attributes["state"]
    mesh = signal_mesh(state, has_board=actor.variant == "board").placed(pose)
    sprite = mesh_sprite(mesh, camera=camera, light=light, object_id=actor.actor_id)
    place = lens_place(state)
    if sprite is not None and place is not None:
        strength = 0.55 if light.is_dark else 0.14
        _add_glow(sprite, place, pose, camera, rgb=lens_rgb(state), size_m=0.12, strength=strength)
    return sprite


def _car_sprite(scene: Scene, actor: Actor, pose: Pose, camera: Camera, light: Light) -> Sprite | None:
    motion = actor.motion
    is_moving = bool(motion.s_mps or motion.d_mps)
    in_lane = abs(motion.d_m) < scene.street.lanes_each_way * scene.street.lane_m
    is_lit = (light.is_dark or scene.conditions.weather in (Weather.RAIN, Weather.FOG)) and (
        is_moving or in_lane
    )
    mesh = car_mesh(actor.variant, actor.look, is_lit=is_lit, is_braking=in_lane and not is_moving)
    sprite = mesh_sprite(mesh.placed(pose), camera=camera, light=light, object_id=actor.actor_id)
    if sprite is None or not is_lit:
        return sprite
    towards = math.atan2(camera.y_m - pose.y_m, camera.x_m - pose.x_m) - pose.heading_rad
    is_front = math.cos(towards) > 0
    if abs(math.cos(towards)) > 0.35:
        strength = (0.75 if light.ambient.mean() < 0.3 else 0.35) * (1.0 if is_front else 0.5)
        for place in car_lights(actor.variant, is_front=is_front):
            _add_glow(
                sprite,
                place,
                pose,
                camera,
                rgb=(255, 244, 214) if is_front else (255, 40, 34),
                size_m=0.16,
                strength=strength,
            )
    return sprite


def _add_glow(
    sprite: Sprite,
    place: Point3,
    pose: Pose,
    camera: Camera,
    *,
    rgb: tuple[float, float, float],
    size_m: float,
    strength: float,
) -> None:
    cos, sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
    world = np.array(
        [
            [
                pose.x_m + place[0] * cos - place[1] * sin,
                pose.y_m + place[0] * sin + place[1] * cos,
                pose.z_m + place[2],
            ]
        ]
    )
    flat, depths = camera.project(world)
    if depths[0] < 1.0:
        return
    radius = air.glow_radius(depth_m=float(depths[0]), size_px=size_m * camera.focal_px / float(depths[0]))
    red, green, blue = (int(value * strength) for value in rgb)
    sprite.glows.append(Glow(float(flat[0, 0]), float(flat[0, 1]), radius, (red, green, blue)))


def _add_lamp_glow(sprite: Sprite, scene: Scene, lamp: Prop, camera: Camera) -> None:
    reach = 1.35 if lamp.d_m < 0 else -1.35
    head = scene.street.pose(lamp.s_m, lamp.d_m + reach, lamp.size_m)
    _add_glow(sprite, (0.0, 0.0, 0.0), head, camera, rgb=(255, 206, 140), size_m=0.22, strength=0.6)


def _depth(pose: Pose, camera: Camera) -> float:
    """Return the distance of a place along the line of sight, at the camera's own height."""
    forward = camera.rotation[2]
    return float((pose.x_m - camera.x_m) * forward[0] + (pose.y_m - camera.y_m) * forward[1])


# ---- what is seen ------------------------------------------------------------------------------------------------


def _visible_objects(
    scene: Scene, sprites: list[Sprite], ids: NDArray[np.uint8], time_s: float
) -> tuple[VisibleObject, ...]:
    actors = {actor.actor_id: actor for actor in scene.actors}
    found: list[VisibleObject] = []
    for sprite in reversed(sprites):
        if sprite.object_id:
            seen = measure(sprite, ids)
            if seen is not None:
                box, visible_px, fraction, is_truncated = seen
                actor = actors[sprite.object_id]
                found.append(
                    VisibleObject(
                        actor=actor,
                        pose=scene.street.pose_of(actor.motion, time_s),
                        velocity_mps=scene.street.velocity_of(actor.motion, time_s),
                        box_xyxy=box,
                        visible_px=visible_px,
                        visible_fraction=fraction,
                        is_truncated=is_truncated,
                    )
                )
    return tuple(found)


def measure(
    sprite: Sprite, ids: NDArray[np.uint8]
) -> tuple[tuple[float, float, float, float], float, float, bool] | None:
    """Return what an object shows: (box, visible area, visible fraction, is truncated), None when nothing.

    The box and the areas are in pixels of the finished picture. The fraction is taken within the image: what the border
    cuts off does not count as hidden.
    """
    height, width = ids.shape
    left, top, right, bottom = sprite.bounds()
    is_truncated = left < 0 or top < 0 or right >= width or bottom >= height
    left, top = max(left - 1, 0), max(top - 1, 0)
    right, bottom = min(right + 2, width), min(bottom + 2, height)
    if left >= right or top >= bottom:
        return None
    mine = ids[top:bottom, left:right] == sprite.object_id
    rows, columns = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
    if not len(rows):
        return None
    visible = int(np.count_nonzero(mine))
    scale = float(SUPERSAMPLING)
    box = (
        (left + int(columns[0])) / scale,
        (top + int(rows[0])) / scale,
        (left + int(columns[-1]) + 1) / scale,
        (top + int(rows[-1]) + 1) / scale,
    )
    return box, visible / scale**2, visible / max(sprite.full_px, visible), is_truncated


# ---- from the canvas to the file ---------------------------------------------------------------------------------


def _through_the_air(
    scene: Scene,
    easel: Easel,
    ids: NDArray[np.uint8],
    first_ground_row: int,
    sprites: list[Sprite],
    objects: tuple[VisibleObject, ...],
    rng: np.random.Generator,
) -> Image.Image:
    conditions = scene.conditions
    picture = easel.picture.reduce(SUPERSAMPLING)
    is_night = conditions.time_of_day is TimeOfDay.NIGHT
    if conditions.weather is Weather.RAIN:
        ground = ids[::SUPERSAMPLING, ::SUPERSAMPLING] == 0
        ground[: first_ground_row // SUPERSAMPLING] = False
        picture = air.add_reflections(picture, ground, rng, strength=0.55 if is_night else 0.42)
    hidden = {seen.actor.actor_id for seen in objects if seen.visible_fraction < 0.35}
    shown = {seen.actor.actor_id for seen in objects} - hidden
    glows = [
        Glow(glow.x / SUPERSAMPLING, glow.y / SUPERSAMPLING, glow.radius / SUPERSAMPLING, glow.ink)
        for sprite in sprites
        if sprite.object_id == 0 or sprite.object_id in shown
        for glow in sprite.glows
    ]
    wide = 2.6 if conditions.weather in (Weather.RAIN, Weather.FOG) else 1.7
    picture = air.add_glow(picture, glows, softness=wide)
    if conditions.weather is Weather.RAIN:
        picture = air.add_rain(picture, rng, is_night=is_night)
    return air.finish(picture, rng, lens=np.random.default_rng(scene.look), conditions=conditions)
