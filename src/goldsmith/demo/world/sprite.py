"""A thing on the screen: flat shapes in drawing order, drawn alike into the picture, the id buffer and a mask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from goldsmith.demo.world.camera import NEAR_M, Camera, clip_near
from goldsmith.demo.world.light import Light
from goldsmith.demo.world.mesh import Mesh
from goldsmith.demo.world.types import Floats

Ink = tuple[int, int, int]


class Fill(NamedTuple):
    """A filled polygon."""

    points: list[int]
    """x0, y0, x1, y1, ... in pixels."""
    ink: Ink
    is_decal: bool = False
    """It lies within another shape of the same thing."""

    def moved(self, dx: int, dy: int) -> Fill:
        """Return it elsewhere on the screen."""
        return Fill([value + (dy if index % 2 else dx) for index, value in enumerate(self.points)], self.ink)


class Round(NamedTuple):
    """A filled ellipse."""

    bounds: tuple[int, int, int, int]
    ink: Ink


class Stroke(NamedTuple):
    """A line of some thickness through points."""

    points: list[int]
    width: int
    ink: Ink


class Glow(NamedTuple):
    """A light that shines into the lens."""

    x: float
    y: float
    radius: float
    ink: Ink


@dataclass(slots=True)
class Sprite:
    """One thing on the screen.

    Attributes:
        depth_m: Sorting key of the painter's algorithm; farther is drawn first.
        shapes: What to draw, first to last.
        object_id: Number in the id buffer; 0 for things that are not labelled.
        glows: Lights of the thing.
        full_px: Pixels it covers within the image with nothing in front; known once it is drawn.
    """

    depth_m: float
    shapes: list[Fill | Round | Stroke]
    object_id: int = 0
    glows: list[Glow] = field(default_factory=list)
    full_px: int = 0

    def bounds(self) -> tuple[int, int, int, int]:
        """Return a rectangle (left, top, right, bottom) around all shapes, in pixels, ends included."""
        xs: list[int] = []
        ys: list[int] = []
        for shape in self.shapes:
            if isinstance(shape, Round):
                xs += (shape.bounds[0], shape.bounds[2])
                ys += (shape.bounds[1], shape.bounds[3])
                continue
            margin = shape.width if isinstance(shape, Stroke) else 0
            xs += (min(shape.points[0::2]) - margin, max(shape.points[0::2]) + margin)
            ys += (min(shape.points[1::2]) - margin, max(shape.points[1::2]) + margin)
        return min(xs), min(ys), max(xs), max(ys)


class Easel:
    """A picture and its id buffer, drawn together.

    In the id buffer 0 is sky and ground, ``OCCLUDER`` what is not labelled, and 1 to 254 are objects.
    """

    OCCLUDER = 255

    def __init__(self, picture: Image.Image) -> None:
        self.picture = picture
        self.ids = Image.new("L", picture.size, 0)
        self._ink: Any = ImageDraw.Draw(picture)
        self._id: Any = ImageDraw.Draw(self.ids)

    def draw(self, sprite: Sprite) -> None:
        """Draw a thing over what is there and note how much of it shows before others come in front."""
        draw_shapes(self._ink, sprite.shapes, None)
        outline = (
            sprite.shapes
            if sprite.object_id
            else [s for s in sprite.shapes if not (isinstance(s, Fill) and s.is_decal)]
        )
        draw_shapes(self._id, outline, sprite.object_id or self.OCCLUDER)
        if sprite.object_id:
            left, top, right, bottom = sprite.bounds()
            width, height = self.ids.size
            window = (max(left, 0), max(top, 0), min(right + 1, width), min(bottom + 1, height))
            if window[0] < window[2] and window[1] < window[3]:
                sprite.full_px = self.ids.crop(window).histogram()[sprite.object_id]

    def draw_ground(self, shapes: Iterable[Fill | Round | Stroke]) -> None:
        """Draw something that lies flat on the ground; it hides nothing."""
        draw_shapes(self._ink, shapes, None)


def draw_shapes(draw: Any, shapes: Iterable[Fill | Round | Stroke], value: int | None) -> None:
    """Draw shapes in their own ink, or all with ``value``."""
    for shape in shapes:
        ink = shape.ink if value is None else value
        if isinstance(shape, Fill):
            draw.polygon(shape.points, ink)
        elif isinstance(shape, Round):
            draw.ellipse(shape.bounds, ink)
        else:
            draw.line(shape.points, ink, shape.width)


def mesh_sprite(
    mesh: Mesh, *, camera: Camera, light: Light, object_id: int = 0, depth_m: float | None = None
) -> Sprite | None:
    """Return a mesh in the world as the camera sees it; None when nothing of it is in view.

    Faces of unlabelled things that lie outside the image are left out; labelled things keep them, so that their bounds
    tell whether the border cuts them.

    Args:
        mesh: Faces in the world frame.
        camera: The view.
        light: The light.
        object_id: Number in the id buffer.
        depth_m: Sorting key; the mean depth of the mesh when not given.
    """
    in_camera = camera.to_camera(mesh.vertices)
    depths = in_camera[:, 2]
    if depths.max() < NEAR_M:
        return None
    flat = camera.to_pixels(np.maximum(in_camera, (-np.inf, -np.inf, NEAR_M)))
    is_cut = bool(depths.min() < NEAR_M)
    if not is_cut and _is_outside(flat.min(axis=0), flat.max(axis=0), camera).all():
        return None
    counts = np.diff(np.append(mesh.starts, len(mesh.vertices)))
    centres = np.add.reduceat(mesh.vertices, mesh.starts, axis=0) / counts[:, None]
    is_shown = mesh.is_two_sided | (np.einsum("ij,ij->i", mesh.normals, centres - camera.position) < 0)
    if is_cut:
        is_shown &= np.maximum.reduceat(depths, mesh.starts) >= NEAR_M
    elif not object_id:
        low, high = (
            np.minimum.reduceat(flat, mesh.starts, axis=0),
            np.maximum.reduceat(flat, mesh.starts, axis=0),
        )
        is_shown &= ~_is_outside(low, high, camera)
    shown = np.flatnonzero(is_shown)
    if not len(shown):
        return None
    inks = light.shade(
        mesh.rgb[shown], normals=mesh.normals[shown], centres=centres[shown], glow=mesh.glow[shown]
    )
    face_depths = np.add.reduceat(depths, mesh.starts)[shown] / counts[shown]
    order = np.lexsort((-face_depths, mesh.layers[shown]))
    faces = _Faces(
        shown[order].tolist(), inks[order].astype(np.int64).tolist(), in_camera if is_cut else None
    )
    shapes = _fills(mesh, faces, flat, counts, camera)
    return Sprite(float(depths.mean()) if depth_m is None else depth_m, shapes, object_id) if shapes else None


class _Faces(NamedTuple):
    """The shown faces in drawing order."""

    numbers: list[int]
    inks: list[list[int]]
    in_camera: Floats | None
    """Vertices in camera axes when some lie behind the near plane."""


def _is_outside(low: Floats, high: Floats, camera: Camera) -> NDArray[np.bool_]:
    """Say which rectangles, corners of shape (..., 2), lie outside the image."""
    size = np.array([camera.width_px, camera.height_px])
    outside: NDArray[np.bool_] = np.any((high < 0) | (low > size), axis=-1)
    return outside


def _fills(
    mesh: Mesh, faces: _Faces, flat: Floats, counts: NDArray[np.int64], camera: Camera
) -> list[Fill | Round | Stroke]:
    """Return faces as polygons; those across the near plane are cut at it."""
    pixels = _rounded(flat)
    starts, lengths, decals = mesh.starts.tolist(), counts.tolist(), mesh.is_decal.tolist()
    shapes: list[Fill | Round | Stroke] = []
    for face, (red, green, blue) in zip(faces.numbers, faces.inks, strict=True):
        start = starts[face]
        end = start + lengths[face]
        if faces.in_camera is not None and faces.in_camera[start:end, 2].min() < NEAR_M:
            cut = clip_near(faces.in_camera[start:end])
            if len(cut) >= 3:
                shapes.append(Fill(_rounded(camera.to_pixels(cut)), (red, green, blue)))
            continue
        shapes.append(Fill(pixels[2 * start : 2 * end], (red, green, blue), decals[face]))
    return shapes


def _rounded(flat: Floats) -> list[int]:
    """Return pixel positions, shape (n, 2), as x0, y0, x1, y1, ... of pixel indices, within what Pillow can draw."""
    return np.rint(np.clip(flat, -8000, 8000) - 0.5).astype(np.int64).ravel().tolist()
