"""What the protocol does, as transactions over the services of the steps."""

from goldsmith.compat.scale_v1.service.scale import ScaleService

__all__ = ["ScaleService"]
