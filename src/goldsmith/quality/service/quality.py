"""The whole service, out of its parts."""

from __future__ import annotations

from goldsmith.quality.service.listening import Listening
from goldsmith.quality.service.reporting import Reporting
from goldsmith.quality.service.resolving import Resolving


class QualityService(Resolving, Listening, Reporting):
    """Consensus and skill of projects; the ``QualityHook`` of labelling."""
