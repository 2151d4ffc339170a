"""One seam for batch compute: a function over many inputs, on this machine's processes or on a Ray cluster."""

from goldsmith.platform.engine.opening import open_engine
from goldsmith.platform.engine.pool import ProcessPoolEngine
from goldsmith.platform.engine.seam import Engine, SerialEngine

__all__ = ["Engine", "ProcessPoolEngine", "SerialEngine", "open_engine"]
