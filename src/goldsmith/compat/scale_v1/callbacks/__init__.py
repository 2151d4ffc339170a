"""Callbacks: what happened to a task or batch, told to the address that its maker gave.

``Callbacks.queue`` is called in the transaction of what happened; the body is built when it is sent, so it tells the
task as it is then. Any 2xx counts as told; else it is tried up to 20 times within 24 hours.
"""

from goldsmith.compat.scale_v1.callbacks.service import Callbacks
from goldsmith.compat.scale_v1.callbacks.types import CallbackSource, CallbackWish

__all__ = ["CallbackSource", "CallbackWish", "Callbacks"]
