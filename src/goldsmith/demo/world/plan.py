"""Lays out a street: its width and curve, its houses, and the clutter on its pavements."""

from __future__ import annotations

from typing import Final

import numpy as np

from goldsmith.demo.world.scene import Building, Prop
from goldsmith.demo.world.street import Street
from goldsmith.demo.world.types import Rgb

_VERGES: Final[tuple[Rgb, ...]] = ((104, 130, 72), (118, 136, 84), (150, 146, 138), (158, 150, 136))
_STYLES: Final[dict[str, dict[str, float]]] = {
    "old_town": {"plaster": 0.45, "shop": 0.35, "brick": 0.15, "wall": 0.05},
    "terraces": {"brick": 0.6, "plaster": 0.15, "shop": 0.15, "wall": 0.1},
    "suburb": {"house": 0.75, "brick": 0.15, "wall": 0.1},
    "centre": {"office": 0.4, "shop": 0.35, "plaster": 0.2, "wall": 0.05},
}
_PAVEMENT_CLUTTER: Final[dict[str, float]] = {
    "bin": 0.24, "bench": 0.12, "bollard": 0.16, "cabinet": 0.10, "planter": 0.12, "postbox": 0.08, "hoarding": 0.09,
    "clock": 0.03, "shelter": 0.06,
}  # fmt: skip


def plan_street(rng: np.random.Generator) -> tuple[Street, str]:
    """Draw a street and its quarter (``old_town``, ``terraces``, ``suburb`` or ``centre``)."""
    quarter = str(rng.choice(list(_STYLES), p=[0.3, 0.27, 0.23, 0.2]))
    has_junction = rng.random() < 0.5
    junction_s = float(rng.uniform(15.0, 46.0)) if has_junction else None
    zebra: float | None = None
    if junction_s is not None and rng.random() < 0.75:
        zebra = junction_s - 3.8
    elif junction_s is None and rng.random() < 0.25:
        zebra = float(rng.uniform(10.0, 30.0))
    is_wide = quarter == "centre" and rng.random() < 0.6
    grey = float(rng.uniform(78, 118))
    stone = float(rng.uniform(146, 178))
    is_suburb = quarter == "suburb"
    setbacks = rng.uniform(2.5, 7.0, 2) if is_suburb else rng.choice([0.0, 0.0, 0.6, 1.5], 2)
    return (
        Street(
            curvature_per_m=float(rng.choice([0.0, rng.uniform(-1, 1) / 260])),
            lanes_each_way=2 if is_wide else 1,
            lane_m=float(rng.uniform(3.0, 3.5)),
            parking_right_m=_parking(rng, 0.62),
            parking_left_m=_parking(rng, 0.62),
            pavement_m=float(rng.uniform(2.0, 4.2)),
            setback_right_m=float(setbacks[0]),
            setback_left_m=float(setbacks[1]),
            junction_s_m=junction_s,
            junction_m=float(rng.uniform(6.5, 9.5)),
            zebra_s_m=zebra,
            asphalt_rgb=(grey, grey + 1, grey + 4),
            pavement_rgb=(stone, stone - 3, stone - 9),
            verge_rgb=_VERGES[int(rng.integers(2)) if is_suburb else int(rng.integers(len(_VERGES)))],
        ),
        quarter,
    )


def _parking(rng: np.random.Generator, share: float) -> float:
    """Return the width of a parking strip: none, along the kerb, or across it."""
    draw = rng.random()
    if draw > share:
        return 0.0
    return 4.9 if draw < share * 0.14 else 2.15


def plan_buildings(street: Street, quarter: str, rng: np.random.Generator) -> list[Building]:
    """Line both sides of the street with houses; side roads and some gaps stay free."""
    styles = _STYLES[quarter]
    shares = np.array(list(styles.values()))
    buildings: list[Building] = []
    for side in (-1, 1):
        at = float(rng.uniform(-14.0, -6.0))
        while at < 125.0:
            length = float(
                rng.uniform(7.0, 12.0) if quarter in ("terraces", "suburb") else rng.uniform(9.0, 19.0)
            )
            if (
                street.junction_s_m is not None
                and at < street.junction_s_m + street.junction_m
                and at + length > street.junction_s_m - 1.5
            ):
                if street.junction_s_m - 1.5 - at < 5.0:
                    at = street.junction_s_m + street.junction_m + street.pavement_m
                    continue
                length = street.junction_s_m - 1.5 - at
            style = str(rng.choice(list(styles), p=shares / shares.sum()))
            if at > -8.0 or rng.random() < 0.7:
                buildings.append(_building(street, side, at, length, style, quarter, rng))
            gap = (
                float(rng.uniform(3.0, 9.0))
                if quarter == "suburb"
                else (float(rng.uniform(4, 10)) if rng.random() < 0.13 else 0.0)
            )
            at += length + gap
    return buildings


def _building(
    street: Street, side: int, at: float, length: float, style: str, quarter: str, rng: np.random.Generator
) -> Building:
    low, high = {"suburb": (2, 3), "terraces": (2, 4), "old_town": (3, 6), "centre": (4, 9)}[quarter]
    floors = 2 if style == "wall" else int(rng.integers(low, high))
    middle = at + length / 2
    return Building(
        side=side,
        start_m=at,
        end_m=at + length,
        front_m=street.front_m(side) + side * float(rng.choice([0.0, 0.0, 0.4])),
        depth_m=float(rng.uniform(8.0, 12.0)),
        floors=floors,
        floor_m=float(rng.uniform(2.9, 3.4)),
        style=style,
        look=int(rng.integers(2**31)),
        detail=2 if middle < 48 else (1 if middle < 90 else 0),
    )


def plan_props(street: Street, quarter: str, rng: np.random.Generator) -> list[Prop]:
    """Put trees, lamps and clutter along the pavements and gardens."""
    props: list[Prop] = []
    lamp_gap = float(rng.uniform(18.0, 28.0))
    lamp_m = float(rng.uniform(5.5, 8.0))
    has_trees = {"suburb": 0.85, "old_town": 0.35, "terraces": 0.4, "centre": 0.6}[quarter]
    for side in (-1, 1):
        edge = street.kerb_m(side) + side * 0.45
        offset = float(rng.uniform(2.0, 10.0))
        for index in range(5):
            s = offset + index * lamp_gap
            if not street.is_junction(s, margin_m=1.0):
                props.append(_prop("lamp", s, edge, 0.0, lamp_m, rng))
        if rng.random() < has_trees:
            props += _tree_row(street, edge, rng)
        for _ in range(int(rng.integers(2, 7))):
            props += _clutter(street, side, rng)
        if quarter == "suburb":
            props += _garden(street, side, rng)
    return props


def _prop(kind: str, s: float, d: float, heading: float, size: float, rng: np.random.Generator) -> Prop:
    return Prop(kind=kind, s_m=s, d_m=d, heading_rad=heading, size_m=size, look=int(rng.integers(2**31)))


def _tree_row(street: Street, edge: float, rng: np.random.Generator) -> list[Prop]:
    gap = float(rng.uniform(9.0, 16.0))
    size = float(rng.uniform(4.5, 8.5))
    start = float(rng.uniform(5.0, 14.0))
    return [
        _prop("tree", start + index * gap, edge, 0.0, size * float(rng.uniform(0.8, 1.2)), rng)
        for index in range(6)
        if not street.is_junction(start + index * gap, margin_m=2.5) and rng.random() < 0.8
    ]


def _clutter(street: Street, side: int, rng: np.random.Generator) -> list[Prop]:
    kind = str(rng.choice(list(_PAVEMENT_CLUTTER), p=list(_PAVEMENT_CLUTTER.values())))
    s = float(rng.uniform(4.0, 42.0))
    if street.is_junction(s, margin_m=4.0):
        return []
    near_kerb = street.kerb_m(side) + side * 0.5
    by_wall = street.kerb_m(side) + side * (street.pavement_m - 0.45)
    if kind == "bollard":
        return [
            _prop(kind, s + 1.6 * index, near_kerb, 0.0, 0.85, rng)
            for index in range(int(rng.integers(2, 5)))
        ]
    if kind == "hoarding":
        d = street.kerb_m(side) + side * (street.pavement_m + 0.4)
        return [
            _prop(
                kind,
                s + 6.0,
                d,
                np.pi - side * float(rng.uniform(0.1, 0.7)),
                float(rng.uniform(1.3, 2.6)),
                rng,
            )
        ]
    if kind == "shelter":
        return [_prop(kind, s + 5.0, street.kerb_m(side) + side * 1.4, 0.0 if side > 0 else np.pi, 2.3, rng)]
    heading = 0.0 if side > 0 else np.pi
    return [
        _prop(kind, s, by_wall if kind in ("bench", "planter", "cabinet") else near_kerb, heading, 1.0, rng)
    ]


def _garden(street: Street, side: int, rng: np.random.Generator) -> list[Prop]:
    """Return hedges, bushes and trees between the pavement and the houses."""
    props: list[Prop] = []
    hedge_d = street.kerb_m(side) + side * (street.pavement_m + 0.45)
    for index in range(9):
        s = 3.0 + index * 9.0 + float(rng.uniform(0, 2))
        if street.is_junction(s + 3, margin_m=5.0):
            continue
        draw = rng.random()
        if draw < 0.5:
            props.append(_prop("hedge", s + 3, hedge_d, 0.0, float(rng.uniform(3.0, 7.0)), rng))
        elif draw < 0.8:
            props.append(_prop("bush", s + 2, hedge_d + side * 0.6, 0.0, float(rng.uniform(0.8, 1.5)), rng))
        if rng.random() < 0.35:
            kind = "conifer" if rng.random() < 0.4 else "tree"
            props.append(_prop(kind, s + 4, hedge_d + side * 1.4, 0.0, float(rng.uniform(4.0, 8.0)), rng))
    return props
