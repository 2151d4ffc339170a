"""The whole service, out of its parts."""

from __future__ import annotations

from goldsmith.quality.service.appeals import Appeals
from goldsmith.quality.service.auditing import Auditing
from goldsmith.quality.service.course import Teaching
from goldsmith.quality.service.listening import Listening
from goldsmith.quality.service.own import OwnPage
from goldsmith.quality.service.present import Present
from goldsmith.quality.service.reporting import Reporting
from goldsmith.quality.service.resolving import Resolving
from goldsmith.quality.service.signals import Signalling
from goldsmith.quality.service.targets import Targets


class QualityService(
    Resolving, Listening, Present, Reporting, Auditing, Targets, Signalling, Appeals, Teaching, OwnPage
):
    """Consensus and skill of projects, and what follows for people; the ``QualityHook`` of labelling."""
