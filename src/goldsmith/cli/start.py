"""Where the command starts: it loads everything before anything is looked through for garbage.

Loading makes some hundred thousand objects that all stay; the collector, looking through them again and again, would
take a quarter of the time to start.
"""

import gc

gc.disable()

from goldsmith.cli.main import main  # noqa: E402  the collector is off by then

gc.freeze()
gc.enable()

__all__ = ["main"]
