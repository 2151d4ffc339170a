"""Road signs: the plate with its symbol; the pole is scenery and not part of the labelled object."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from goldsmith.demo.world.mesh import Mesh, MeshBuilder, Point3
from goldsmith.demo.world.types import Rgb

KINDS: Final[tuple[str, ...]] = (
    "stop", "give_way", "speed_limit", "no_entry", "crossing", "priority", "parking", "no_parking",
)  # fmt: skip

SIGN_SIZE_M: Final = (0.04, 0.78, 0.78)
"""Depth, width and height of a plate."""

_RED: Final[Rgb] = (200, 28, 36)
_WHITE: Final[Rgb] = (240, 240, 238)
_BLACK: Final[Rgb] = (24, 24, 26)
_BLUE: Final[Rgb] = (24, 84, 170)
_YELLOW: Final[Rgb] = (246, 200, 40)
_BACK: Final[Rgb] = (126, 130, 134)
_R: Final = 0.39

Outline = list[tuple[float, float]]


def _polygon(corners: int, radius: float, turn: float = 0.0) -> Outline:
    return [
        (
            radius * math.cos(turn + 2 * math.pi * i / corners),
            radius * math.sin(turn + 2 * math.pi * i / corners),
        )
        for i in range(corners)
    ]


def _bar(
    width: float, height: float, *, middle: tuple[float, float] = (0.0, 0.0), turn: float = 0.0
) -> Outline:
    cos, sin = math.cos(turn), math.sin(turn)
    corners = (
        (-width / 2, -height / 2),
        (width / 2, -height / 2),
        (width / 2, height / 2),
        (-width / 2, height / 2),
    )
    return [(middle[0] + u * cos - v * sin, middle[1] + u * sin + v * cos) for u, v in corners]


def _digit(value: str, left: float, *, width: float = 0.15, height: float = 0.27) -> list[Outline]:
    """Return a digit as seven-segment bars, its left edge at ``left``, its middle on the plate's."""
    segments = {"0": "abcdef", "2": "abged", "3": "abgcd", "5": "afgcd", "7": "abc"}[value]
    middle, right, half = left + width / 2, left + width, height / 2
    places = {
        "a": _bar(width, 0.05, middle=(middle, half)), "g": _bar(width, 0.05, middle=(middle, 0.0)),
        "d": _bar(width, 0.05, middle=(middle, -half)), "b": _bar(0.05, half, middle=(right, half / 2)),
        "c": _bar(0.05, half, middle=(right, -half / 2)), "e": _bar(0.05, half, middle=(left, -half / 2)),
        "f": _bar(0.05, half, middle=(left, half / 2)),
    }  # fmt: skip
    return [places[name] for name in segments]


def _stop_letters() -> list[Outline]:
    """Return the four letters as bars; nobody reads more of them at this size."""
    bars: list[Outline] = []
    for index in range(4):
        left = -0.25 + index * 0.135
        bars.append(_bar(0.035, 0.17, middle=(left + 0.02, 0.0)))
        bars.append(_bar(0.09, 0.035, middle=(left + 0.05, 0.07)))
        if index in (0, 2):
            bars.append(_bar(0.09, 0.035, middle=(left + 0.05, -0.07)))
    return bars


def _plates(kind: str, look: int) -> list[tuple[Outline, Rgb]]:
    """Return the outlines of a sign from the ground colour up, (to the viewer's right, up) in metres."""
    round_plate, inner = _polygon(20, _R), _polygon(20, _R * 0.76)
    match kind:
        case "stop":
            turn = math.pi / 8
            letters = [(bar, _WHITE) for bar in _stop_letters()]
            return [(_polygon(8, _R * 1.05, turn), _WHITE), (_polygon(8, _R * 0.98, turn), _RED), *letters]
        case "give_way":
            return [
                (_polygon(3, _R * 1.12, -math.pi / 2), _RED),
                (_polygon(3, _R * 0.66, -math.pi / 2), _WHITE),
            ]
        case "no_entry":
            return [(round_plate, _RED), (_bar(0.56, 0.14), _WHITE)]
        case "crossing":
            triangle = [(-0.24, -0.2), (0.24, -0.2), (0.0, 0.26)]
            walker = [
                (_bar(0.05, 0.2, middle=(0.0, -0.02)), _BLACK),
                (_bar(0.14, 0.04, middle=(0.0, -0.13), turn=0.5), _BLACK),
            ]
            return [(_bar(0.76, 0.76), _WHITE), (_bar(0.72, 0.72), _BLUE), (triangle, _WHITE), *walker]
        case "priority":
            return [
                (_polygon(4, _R * 1.1), _WHITE),
                (_polygon(4, _R * 0.98), _BLACK),
                (_polygon(4, _R * 0.93), _WHITE),
                (_polygon(4, _R * 0.66), _YELLOW),
            ]
        case "parking":
            letter = [
                (-0.13, -0.22),
                (-0.04, -0.22),
                (-0.04, -0.03),
                (0.1, -0.03),
                (0.17, 0.06),
                (0.17, 0.16),
                (0.1, 0.25),
                (-0.13, 0.25),
            ]
            return [
                (_bar(0.74, 0.74), _WHITE),
                (_bar(0.69, 0.69), _BLUE),
                (letter, _WHITE),
                (_bar(0.12, 0.11, middle=(0.02, 0.11)), _BLUE),
            ]
        case "no_parking":
            return [
                (round_plate, _RED),
                (_polygon(20, _R * 0.82), _BLUE),
                (_bar(0.66, 0.08, turn=-math.pi / 4), _RED),
            ]
        case _:
            number = ("30", "50", "20", "70")[look % 4]
            digits = [
                (bar, _BLACK)
                for index, value in enumerate(number)
                for bar in _digit(value, -0.19 + index * 0.21)
            ]
            return [(round_plate, _RED), (inner, _WHITE), *digits]


@lru_cache(maxsize=64)
def sign_mesh(kind: str, look: int) -> Mesh:
    """Return a plate in its own frame, its middle at the origin, its face towards +x."""
    build = MeshBuilder()
    for index, (outline, rgb) in enumerate(_plates(kind, look)):
        face: list[Point3] = [(0.02, u, v) for u, v in outline]  # the viewer looks along -x: right is +y
        build.face(face, rgb, layer=index, normal=(1, 0, 0))
        if index == 0:
            build.face([(0.0, u, v) for u, v in outline], _BACK, normal=(-1, 0, 0))
    return build.build()
