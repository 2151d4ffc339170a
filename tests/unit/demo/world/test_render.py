from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from goldsmith.demo.world import Conditions, ObjectKind, TimeOfDay, Weather, World, WorldOptions
from goldsmith.demo.world.bodies.car import BODIES
from goldsmith.demo.world.render import Frame, measure, render, stage_of
from goldsmith.demo.world.scene import Rig, Scene
from goldsmith.demo.world.sprite import Easel, Fill, Sprite
from goldsmith.demo.world.types import SUPERSAMPLING, Actor, StreetMotion

OPTIONS = WorldOptions()


def _scene(*actors: Actor, weather: Weather = Weather.CLEAR, time_of_day: TimeOfDay = TimeOfDay.DAY) -> Scene:
    """An empty straight street with these actors before a camera in the right lane."""
    scene = World(1).sequence(0).scene
    return dataclasses.replace(
        scene,
        street=dataclasses.replace(scene.street, curvature_per_m=0.0),
        conditions=Conditions(time_of_day, weather),
        props=(),
        actors=actors,
        rig=Rig("car", StreetMotion(s_m=0.0, d_m=-1.6, z_m=1.4), 0.0, 0.9),
    )


def _car(actor_id: int, s: float, d: float, variant: str = "saloon") -> Actor:
    body = BODIES[variant]
    size = (body.length_m, body.width_m, body.height_m)
    return Actor(actor_id, ObjectKind.CAR, size, StreetMotion(s_m=s, d_m=d), look=5, variant=variant)


def _render(scene: Scene) -> Frame:
    return render(stage_of(scene), time_s=0.0, options=OPTIONS, rng=np.random.default_rng(0))


def test_a_car_alone_is_wholly_seen_and_as_large_as_it_should_be() -> None:
    (seen,) = _render(_scene(_car(1, 15.0, -1.6))).objects
    left, top, right, bottom = seen.box_xyxy
    assert seen.visible_fraction == 1.0
    assert not seen.is_occluded
    assert not seen.is_truncated
    focal, rear_m = 0.9 * 640, 15.0 - 4.6 / 2
    assert right - left == pytest.approx(focal * 1.80 / rear_m, rel=0.12)
    assert bottom - top == pytest.approx(focal * 1.45 / rear_m, rel=0.12)
    assert (left + right) / 2 == pytest.approx(320, abs=1.5)


def test_a_car_behind_another_is_occluded_by_just_what_covers_it() -> None:
    far, near = _car(1, 24.0, -0.8), _car(2, 13.0, -1.6)
    alone = _render(_scene(far)).objects[0]
    frame = _render(_scene(far, near))
    hidden = next(seen for seen in frame.objects if seen.actor.actor_id == 1)
    assert hidden.is_occluded
    assert hidden.visible_fraction == pytest.approx(hidden.visible_px / alone.visible_px)
    assert [seen.actor.actor_id for seen in frame.objects] == [2, 1]


def test_what_the_border_cuts_is_truncated_and_not_occluded() -> None:
    (seen,) = _render(_scene(_car(1, 7.0, 2.2))).objects
    assert seen.is_truncated
    assert seen.visible_fraction == 1.0
    assert seen.box_xyxy[0] == 0.0


@pytest.mark.parametrize("index", [0, 3, 8])
def test_boxes_are_tight_around_the_id_buffer(index: int) -> None:
    frame = _render(World(5).sequence(index).scene)
    assert frame.objects
    for seen in frame.objects:
        rows, columns = np.nonzero(frame.ids == seen.actor.actor_id)
        expected = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert tuple(value * SUPERSAMPLING for value in seen.box_xyxy) == expected
        assert seen.visible_px * SUPERSAMPLING**2 == len(rows)
        assert 0.0 < seen.visible_fraction <= 1.0
    assert set(np.unique(frame.ids)) - {0, Easel.OCCLUDER} == {seen.actor.actor_id for seen in frame.objects}


def test_the_fraction_counts_what_comes_in_front() -> None:
    easel = Easel(Image.new("RGB", (40, 40)))
    back = Sprite(9.0, [Fill([10, 10, 29, 10, 29, 29, 10, 29], (1, 2, 3))], object_id=1)
    front = Sprite(5.0, [Fill([20, 0, 39, 0, 39, 39, 20, 39], (4, 5, 6))])
    easel.draw(back)
    easel.draw(front)
    assert measure(back, np.asarray(easel.ids)) == ((5.0, 5.0, 10.0, 15.0), 50.0, 0.5, False)
    cover = Sprite(1.0, [Fill([0, 0, 39, 0, 39, 39, 0, 39], (4, 5, 6))])
    easel.draw(cover)
    assert measure(back, np.asarray(easel.ids)) is None


@pytest.mark.parametrize("weather", list(Weather))
def test_night_is_darker_than_day(weather: Weather) -> None:
    car = _car(1, 15.0, -1.6)
    day = _render(_scene(car, weather=weather)).picture
    night = _render(_scene(car, weather=weather, time_of_day=TimeOfDay.NIGHT)).picture
    assert np.asarray(night).mean() < 0.6 * np.asarray(day).mean()
