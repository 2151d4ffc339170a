"""From the settings to an engine."""

from __future__ import annotations

from goldsmith.platform.engine.pool import ProcessPoolEngine
from goldsmith.platform.engine.seam import Engine
from goldsmith.platform.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """Return the engine that the settings name; nothing is started yet.

    Raises:
        MissingExtraError: Ray was asked for and is not installed.
    """
    if settings.engine == "ray":
        from goldsmith.platform.engine.ray_cluster import RayEngine  # optional package

        return RayEngine(settings.ray_address, workers=settings.engine_workers)
    return ProcessPoolEngine(settings.engine_workers)
