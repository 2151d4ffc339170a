"""Who is on the street: cars, people, cyclists, lights and signs, with places and movements that fit together."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from goldsmith.demo.world.bodies.car import BODIES, BODY_WEIGHTS
from goldsmith.demo.world.bodies.sign import SIGN_SIZE_M
from goldsmith.demo.world.bodies.signal import HEAD_SIZE_M
from goldsmith.demo.world.scene import Prop
from goldsmith.demo.world.street import Street
from goldsmith.demo.world.types import Actor, ObjectKind, StreetMotion

MAX_ACTORS: Final = 12
MIN_NEAR: Final = 4
"""So many things at least stand within some 30 metres of the start; no street is empty."""
BUSYNESS: Final[dict[str, float]] = {"quiet": 0.55, "normal": 1.0, "busy": 1.6}

_SIGN_SHARES: Final[dict[str, float]] = {
    "speed_limit": 0.30, "parking": 0.18, "no_parking": 0.16, "priority": 0.14, "no_entry": 0.12, "crossing": 0.10,
}  # fmt: skip


class Traffic:
    """Fills a street with actors; every method adds some.

    Args:
        street: Where they are.
        rng: Draws everything.
        busyness: A key of :data:`BUSYNESS`.
        is_camera_moving: The camera rides on a car in the right lane.
    """

    def __init__(
        self, street: Street, rng: np.random.Generator, *, busyness: str, is_camera_moving: bool
    ) -> None:
        self.street = street
        self.rng = rng
        self.rate = BUSYNESS[busyness]
        self.is_camera_moving = is_camera_moving
        self.actors: list[Actor] = []
        self.props: list[Prop] = []
        has_lights = street.junction_s_m is not None and rng.random() < 0.7
        self.signal = (
            str(rng.choice(["red", "green", "amber", "off"], p=[0.46, 0.36, 0.12, 0.06]))
            if has_lights
            else None
        )
        self.must_stop = self.signal in ("red", "amber")

    def fill(self) -> None:
        """Add everything, the fixed things first, up to the cap."""
        self.add_signals()
        self.add_signs()
        self.add_moving_cars()
        self.add_cyclists()
        self.add_crossing_people()
        self.add_people()
        self.add_parked_cars()
        while (
            sum(5.0 < actor.motion.s_m < 34.0 for actor in self.actors) < MIN_NEAR
            and len(self.actors) < MAX_ACTORS
        ):
            self.add_filler()

    def camera_speed(self) -> float:
        """Return the speed of the camera car, metres per second; it waits where the light says so."""
        if not self.is_camera_moving:
            return 0.0
        start = self.street.junction_s_m
        if self.must_stop and start is not None and start < 30.0:
            return float(self.rng.choice([0.0, 0.6]))
        return float(self.rng.choice([0.5, 3.0, 6.0, 9.0]))

    def _add(
        self,
        kind: ObjectKind,
        size: tuple[float, float, float],
        motion: StreetMotion,
        *,
        variant: str = "",
        attributes: dict[str, str] | None = None,
    ) -> None:
        if len(self.actors) < MAX_ACTORS:
            look = int(self.rng.integers(2**31))
            self.actors.append(
                Actor(len(self.actors) + 1, kind, size, motion, look, variant, attributes or {})
            )

    def _add_prop(self, kind: str, s: float, d: float, size: float) -> None:
        self.props.append(
            Prop(kind=kind, s_m=s, d_m=d, heading_rad=0.0, size_m=size, look=int(self.rng.integers(2**31)))
        )

    # ---- fixed things ------------------------------------------------------------------------------------------

    def add_signals(self) -> None:
        """Add one to three heads at the junction; all show the same state."""
        start = self.street.junction_s_m
        if self.signal is None or start is None:
            return
        places: list[tuple[str, float, float, float]] = [
            ("signal_pole", start - 4.4, self.street.right_kerb_m - 0.6, 2.5)
        ]
        if self.rng.random() < 0.5:
            places.append(("signal_pole", start - 4.4, self.street.left_kerb_m + 0.6, 2.5))
        if self.rng.random() < 0.42:
            places.append(("mast", start + self.street.junction_m + 1.0, self.street.right_kerb_m - 0.9, 5.0))
        for kind, s, d, height in places:
            self._add_prop(kind, s, d, height)
            hang = d + (min(abs(d), 5.5) * (1.0 if d < 0 else -1.0) * 0.93 if kind == "mast" else 0.0)
            turn = float(self.rng.normal(0.0, 0.10)) + (0.12 if d < 0 else -0.12)
            motion = StreetMotion(s_m=s - 0.15, d_m=hang, z_m=height - 0.15, heading_rad=math.pi + turn)
            variant = "board" if kind == "mast" or self.rng.random() < 0.3 else "plain"
            self._add(
                ObjectKind.TRAFFIC_LIGHT,
                HEAD_SIZE_M,
                motion,
                variant=variant,
                attributes={"state": self.signal},
            )

    def add_signs(self) -> None:
        """Add the sign a junction or a crossing asks for, and now and then another one."""
        street, rng = self.street, self.rng
        edge = street.right_kerb_m - 0.55
        if self.signal is None and street.junction_s_m is not None and rng.random() < 0.5:
            self._sign(str(rng.choice(["stop", "give_way", "priority"])), street.junction_s_m - 4.4, edge)
        elif self.signal is None and street.zebra_s_m is not None and rng.random() < 0.6:
            self._sign("crossing", street.zebra_s_m - 0.5, edge)
        if rng.random() < 0.26:
            kind = str(rng.choice(list(_SIGN_SHARES), p=list(_SIGN_SHARES.values())))
            s = float(rng.uniform(8.0, 30.0))
            if not street.is_junction(s, margin_m=3.0):
                side = -1 if rng.random() < 0.8 else 1
                self._sign(kind, s, street.kerb_m(side) + side * 0.55)

    def _sign(self, kind: str, s: float, d: float) -> None:
        height = float(self.rng.uniform(2.0, 2.6))
        self._add_prop("pole", s + 0.06, d, height + 0.38)
        turn = float(self.rng.normal(0.0, 0.14))
        motion = StreetMotion(s_m=s, d_m=d, z_m=height, heading_rad=math.pi + turn)
        self._add(ObjectKind.ROAD_SIGN, SIGN_SIZE_M, motion, variant=kind, attributes={"sign": kind})

    # ---- cars ----------------------------------------------------------------------------------------------------

    def _car(self, s: float, d: float, *, heading: float, s_mps: float = 0.0, d_mps: float = 0.0) -> None:
        variant = str(self.rng.choice(list(BODY_WEIGHTS), p=list(BODY_WEIGHTS.values())))
        body = BODIES[variant]
        size = (body.length_m, body.width_m, body.height_m)
        motion = StreetMotion(s_m=s, d_m=d, heading_rad=heading, s_mps=s_mps, d_mps=d_mps)
        self._add(ObjectKind.CAR, size, motion, variant=variant)

    def add_moving_cars(self) -> None:
        """Add cars ahead, oncoming cars and, while our light is red, cars on the side road."""
        self._add_lane(
            sign=-1,
            first_m=float(self.rng.uniform(9, 22) if self.is_camera_moving else self.rng.uniform(2, 20)),
        )
        self._add_lane(sign=1, first_m=float(self.rng.uniform(7, 26)))
        start = self.street.junction_s_m
        if start is None or (self.signal is not None and not self.must_stop):
            return
        for _ in range(int(self.rng.poisson(0.8 * self.rate))):
            sign = 1.0 if self.rng.random() < 0.5 else -1.0
            s = start + self.street.junction_m * (0.5 + 0.24 * sign)
            d = float(self.rng.uniform(-13, 13)) - sign * 4.0
            if self._is_free(s, d, gap_m=5.5):
                self._car(
                    s,
                    d,
                    heading=sign * math.pi / 2 + float(self.rng.normal(0, 0.05)),
                    d_mps=sign * float(self.rng.uniform(3, 8)),
                )

    def _add_lane(self, *, sign: int, first_m: float) -> None:
        """Add cars on one side's lanes: -1 ours, +1 oncoming."""
        rng, street = self.rng, self.street
        halt = None if street.junction_s_m is None or not self.must_stop else street.junction_s_m
        for lane in range(street.lanes_each_way):
            s = first_m + lane * float(rng.uniform(0, 9))
            speed = float(rng.uniform(2.0, 9.0))
            d = sign * (lane + 0.5) * street.lane_m
            for _ in range(int(rng.poisson(0.85 * self.rate))):
                at = s
                pace = speed
                if halt is not None:
                    if sign < 0 and at < halt:
                        at, pace = halt - 7.2 - (halt - 7.2 - at) // 6.5 * 6.5, 0.0
                    elif sign > 0 and at > halt:
                        at, pace = max(at, halt + street.junction_m + 6.0), 0.0
                if at > 4.0 and self._is_free(at, d, gap_m=6.3):
                    self._car(
                        at,
                        d + float(rng.normal(0, 0.12)),
                        heading=(0.0 if sign < 0 else math.pi) + float(rng.normal(0, 0.02)),
                        s_mps=-sign * pace,
                    )
                s += float(rng.uniform(7.5, 20.0))

    def add_parked_cars(self) -> None:
        """Fill the parking strips, along or across the kerb."""
        street, rng = self.street, self.rng
        slots: list[tuple[float, float, float]] = []
        for side, strip in ((-1, street.parking_right_m), (1, street.parking_left_m)):
            if not strip:
                continue
            is_across = strip > 3.0
            pitch = 2.75 if is_across else 6.1
            at = float(rng.uniform(4.0, 9.0))
            while at < 62.0:
                clear_of_zebra = (
                    street.zebra_s_m is None or not street.zebra_s_m - 4.0 < at < street.zebra_s_m + 6.5
                )
                if (
                    clear_of_zebra
                    and not street.is_junction(at, margin_m=5.5)
                    and rng.random() < 0.38 * self.rate
                ):
                    d = street.kerb_m(side) - side * (strip / 2 - 0.05)
                    turn = (
                        side * math.pi / 2 * float(rng.choice([1.0, -1.0]))
                        if is_across
                        else (0.0 if side < 0 else math.pi)
                    )
                    slots.append((at, d, turn + float(rng.normal(0, 0.035))))
                at += pitch
        slots.sort(key=lambda slot: slot[0] + float(rng.uniform(0, 14)))
        for s, d, heading in slots[: max(2, round(4.5 * self.rate))]:
            self._car(s + float(rng.uniform(-0.4, 0.4)), d, heading=heading)

    def _is_free(self, s: float, d: float, *, gap_m: float) -> bool:
        return all(
            abs(actor.motion.s_m - s) > gap_m or abs(actor.motion.d_m - d) > 2.4
            for actor in self.actors
            if actor.kind in (ObjectKind.CAR, ObjectKind.CYCLIST)
        )

    # ---- people --------------------------------------------------------------------------------------------------

    def _person(self, s: float, d: float, *, heading: float, speed: float) -> None:
        is_child = self.rng.random() < 0.1
        height = float(self.rng.uniform(1.1, 1.4) if is_child else self.rng.normal(1.71, 0.085))
        motion = StreetMotion(
            s_m=s,
            d_m=d,
            heading_rad=heading,
            s_mps=speed * math.cos(heading),
            d_mps=speed * math.sin(heading),
        )
        self._add(
            ObjectKind.PEDESTRIAN, (0.4, 0.55, height), motion, variant="walking" if speed else "standing"
        )

    def add_people(self) -> None:
        """Add people on the pavements, alone or in twos and threes."""
        street, rng = self.street, self.rng
        for _ in range(int(rng.poisson(1.05 * self.rate))):
            side = -1 if rng.random() < 0.5 else 1
            s = 5.0 + float(rng.beta(1.3, 2.0)) * 36.0
            room = street.pavement_m - 0.9
            d = street.kerb_m(side) + side * (0.55 + float(rng.uniform(0, max(room, 0.2))))
            is_walking = rng.random() < 0.78
            heading = (
                float(rng.choice([0.0, math.pi])) + float(rng.normal(0, 0.12))
                if is_walking
                else float(rng.uniform(0, 2 * math.pi))
            )
            speed = float(rng.uniform(0.9, 1.6)) if is_walking else 0.0
            for mate in range(int(rng.choice([1, 2, 3], p=[0.72, 0.22, 0.06]))):
                self._person(s + 0.25 * mate, d + side * 0.62 * mate, heading=heading, speed=speed)

    def add_filler(self) -> None:
        """Add one more car ahead, oncoming car or person, wherever there is room."""
        street, rng = self.street, self.rng
        if rng.random() < 0.45:
            side = -1 if rng.random() < 0.5 else 1
            heading = float(rng.choice([0.0, math.pi]))
            d = street.kerb_m(side) + side * float(rng.uniform(0.6, street.pavement_m - 0.4))
            self._person(
                float(rng.uniform(8.0, 26.0)), d, heading=heading, speed=float(rng.uniform(0.9, 1.6))
            )
            return
        sign = -1 if rng.random() < 0.4 else 1
        s, d = float(rng.uniform(9.0, 32.0)), sign * 0.5 * street.lane_m
        at_halt = street.is_junction(s, margin_m=6.0)
        if not at_halt and self._is_free(s, d, gap_m=6.3):
            self._car(
                s, d, heading=0.0 if sign < 0 else math.pi, s_mps=0.0 if self.must_stop else -sign * 2.0
            )

    def add_crossing_people(self) -> None:
        """Add people who cross: on the zebra while the traffic stands, rarely elsewhere."""
        street, rng = self.street, self.rng
        zebra = street.zebra_s_m
        may_cross = zebra is not None and (self.signal is None or self.signal == "red")
        if may_cross and zebra is not None:
            for _ in range(int(rng.poisson(0.8 * self.rate))):
                heading = float(rng.choice([1.0, -1.0])) * math.pi / 2 + float(rng.normal(0, 0.1))
                d = float(rng.uniform(street.right_kerb_m, street.left_kerb_m))
                s = zebra + float(rng.uniform(0.4, 2.4))
                if self._is_free(s, d, gap_m=3.0):
                    self._person(s, d, heading=heading, speed=float(rng.uniform(1.0, 1.6)))
        elif rng.random() < 0.05:
            d = float(rng.uniform(street.right_kerb_m, street.left_kerb_m))
            s = float(rng.uniform(9, 28))
            if self._is_free(s, d, gap_m=3.2):
                self._person(s, d, heading=math.pi / 2, speed=1.4)

    def add_cyclists(self) -> None:
        """Add a cyclist now and then: they are the rare class of this world."""
        street, rng = self.street, self.rng
        if rng.random() > 0.115 + 0.05 * (self.rate - 1.0):
            return
        is_oncoming = rng.random() < 0.45
        sign = 1 if is_oncoming else -1
        edge = sign * (street.lanes_each_way * street.lane_m - 0.55)
        s = float(rng.uniform(7.0, 24.0))
        if self._is_free(s, edge, gap_m=3.6):
            motion = StreetMotion(
                s_m=s,
                d_m=edge,
                heading_rad=(math.pi if is_oncoming else 0.0) + float(rng.normal(0, 0.12)),
                s_mps=-sign * float(rng.uniform(3.0, 6.0)),
            )
            self._add(ObjectKind.CYCLIST, (1.78, 0.6, float(rng.uniform(1.68, 1.86))), motion)
