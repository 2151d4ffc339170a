"""The world: an endless, seeded line of street sequences with exact gold."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from goldsmith.core.errors import InvalidInputError
from goldsmith.demo.world.gold import gold_labelling, is_labelled
from goldsmith.demo.world.plan import plan_buildings, plan_props, plan_street
from goldsmith.demo.world.render import Frame, render, stage_of
from goldsmith.demo.world.scene import Prop, Rig, Scene
from goldsmith.demo.world.street import Street
from goldsmith.demo.world.traffic import Traffic
from goldsmith.demo.world.types import Conditions, StreetMotion, TimeOfDay, Weather, WorldImage, WorldOptions

_RIGS: Final[dict[str, float]] = {"car": 0.74, "kerb": 0.16, "mast": 0.10}


@dataclass(frozen=True, slots=True)
class Sequence:
    """A street at the moments of its frames.

    Attributes:
        index: Number of the sequence within the world.
        quarter: Kind of neighbourhood.
        scene: Everything in it.
        frame_count: How many frames it has.
    """

    index: int
    quarter: str
    scene: Scene
    frame_count: int

    @property
    def group(self) -> str:
        """Id that all frames of the sequence share."""
        return f"street-{self.index:05d}"


class World:
    """A small world of streets. The same seed and options give the same bytes with the same Pillow version.

    Every sequence has its own random stream, so any of them can be made without the ones before.

    Args:
        seed: Which world, 0 or more.
        options: What it shows and how it is written.

    Raises:
        InvalidInputError: The seed or an option is out of range.
    """

    def __init__(self, seed: int, *, options: WorldOptions | None = None) -> None:
        self.seed = seed
        self.options = options or WorldOptions()
        _check(seed, self.options)

    def generate(self, count: int, *, first_sequence: int = 0) -> Iterator[WorldImage]:
        """Yield ``count`` images, sequence after sequence from ``first_sequence`` on; the last may be cut short."""
        made = 0
        index = first_sequence
        while made < count:
            for image in self.sequence_images(index):
                yield image
                made += 1
                if made == count:
                    break
            index += 1

    def sequence(self, index: int) -> Sequence:
        """Return the scene of one sequence; sensors other than the camera may look at it too."""
        rng = self._rng(index, stream=0)
        conditions = _conditions(rng, self.options)
        street, quarter = plan_street(rng)
        kind = str(rng.choice(list(_RIGS), p=list(_RIGS.values())))
        busyness = str(rng.choice(["quiet", "normal", "busy"], p=[0.3, 0.45, 0.25]))
        traffic = Traffic(street, rng, busyness=busyness, is_camera_moving=kind == "car")
        traffic.fill()
        rig = _rig(kind, street, traffic.camera_speed(), rng)
        props = [prop for prop in plan_props(street, quarter, rng) if not _is_in_the_way(prop, rig)]
        scene = Scene(
            street=street,
            conditions=conditions,
            buildings=tuple(plan_buildings(street, quarter, rng)),
            props=(*props, *traffic.props),
            actors=tuple(traffic.actors),
            rig=rig,
            sun_azimuth_rad=float(rng.uniform(0, 2 * math.pi)),
            look=int(rng.integers(2**31)),
            busyness=busyness,
        )
        frames = int(rng.integers(self.options.min_frames, self.options.max_frames + 1))
        return Sequence(index, quarter, scene, frames)

    def sequence_images(self, index: int) -> Iterator[WorldImage]:
        """Yield the images of one sequence."""
        sequence = self.sequence(index)
        stage = stage_of(sequence.scene)
        for number in range(sequence.frame_count):
            rng = self._rng(index, stream=1 + number)
            time_s = number * self.options.frame_gap_s
            frame = render(stage, time_s=time_s, options=self.options, rng=rng)
            yield self._image(sequence, number, frame)

    def _rng(self, index: int, *, stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, index, stream])

    def _image(self, sequence: Sequence, number: int, frame: Frame) -> WorldImage:
        options, scene = self.options, sequence.scene
        labelled = tuple(seen for seen in frame.objects if is_labelled(seen, options))
        stem = f"{sequence.group}-{number:02d}"
        return WorldImage(
            name=f"{stem}.jpg",
            image_bytes=_jpeg(frame.picture, quality=options.jpeg_quality),
            width=options.width_px,
            height=options.height_px,
            labelling=gold_labelling(
                labelled, frame.ids, prefix=f"w{self.seed}-{stem}", is_polygon=options.is_polygon_gold
            ),
            metadata={
                "time_of_day": scene.conditions.time_of_day.value,
                "weather": scene.conditions.weather.value,
                "camera": scene.rig.kind,
                "quarter": sequence.quarter,
                "busyness": scene.busyness,
                "sequence": sequence.group,
                "frame": number,
            },
            group=sequence.group,
            objects=labelled,
        )


def _check(seed: int, options: WorldOptions) -> None:
    shares = (options.night_share, options.dusk_share, options.rain_share, options.fog_share)
    if seed < 0:
        raise InvalidInputError("the seed of a world must be 0 or more")
    if (
        min(shares) < 0
        or options.night_share + options.dusk_share > 1
        or options.rain_share + options.fog_share > 1
    ):
        raise InvalidInputError(
            "shares of a world must be 0 or more, night + dusk and rain + fog at most 1 each"
        )
    if not 64 <= options.width_px <= 4096 or not 64 <= options.height_px <= 4096:
        raise InvalidInputError("images of a world must be 64 to 4096 pixels each way")
    if not 1 <= options.min_frames <= options.max_frames:
        raise InvalidInputError("min_frames must be at least 1 and at most max_frames")


def _conditions(rng: np.random.Generator, options: WorldOptions) -> Conditions:
    hour, sky = rng.random(), rng.random()
    if hour < options.night_share:
        time_of_day = TimeOfDay.NIGHT
    elif hour < options.night_share + options.dusk_share:
        time_of_day = TimeOfDay.DUSK
    else:
        time_of_day = TimeOfDay.DAY
    if sky < options.rain_share:
        return Conditions(time_of_day, Weather.RAIN)
    if sky < options.rain_share + options.fog_share:
        return Conditions(time_of_day, Weather.FOG)
    return Conditions(time_of_day, Weather.CLOUDY if rng.random() < 0.38 else Weather.CLEAR)


def _rig(kind: str, street: Street, speed: float, rng: np.random.Generator) -> Rig:
    match kind:
        case "car":
            height, d = float(rng.uniform(1.25, 2.1)), -street.lane_m * float(rng.uniform(0.42, 0.58))
            yaw, pitch, focal = (
                float(rng.normal(0, 0.05)),
                float(rng.normal(-0.02, 0.025)),
                float(rng.uniform(0.78, 1.0)),
            )
        case "kerb":
            side = -1 if rng.random() < 0.6 else 1
            height, d = (
                float(rng.uniform(1.45, 1.8)),
                street.kerb_m(side) + side * float(rng.uniform(0.3, 1.4)),
            )
            yaw, pitch, focal = (
                -side * float(rng.uniform(0.05, 0.38)),
                float(rng.normal(-0.02, 0.03)),
                float(rng.uniform(0.85, 1.15)),
            )
        case _:
            side = -1 if rng.random() < 0.5 else 1
            height, d = float(rng.uniform(4.2, 6.0)), street.kerb_m(side) + side * 0.4
            yaw, pitch, focal = (
                -side * float(rng.uniform(0.05, 0.25)),
                float(rng.uniform(-0.22, -0.12)),
                float(rng.uniform(0.8, 1.05)),
            )
    return Rig(kind, StreetMotion(s_m=0.0, d_m=d, z_m=height, heading_rad=yaw, s_mps=speed), pitch, focal)


def _is_in_the_way(prop: Prop, rig: Rig) -> bool:
    """Say whether a prop would stand right before the lens at the start."""
    room = {"tree": 11.0, "conifer": 11.0, "lamp": 8.0, "hedge": 7.0, "bush": 6.0, "shelter": 9.0}.get(
        prop.kind, 4.0
    )
    aside = abs(prop.d_m - rig.motion.d_m)
    return rig.kind != "car" and prop.s_m < room and aside < 0.35 * room


def _jpeg(picture: Image.Image, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=quality)
    return buffer.getvalue()
