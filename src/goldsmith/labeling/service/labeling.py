"""The whole service, out of its parts."""

from __future__ import annotations

from goldsmith.labeling.service.handing_out import HandingOut
from goldsmith.labeling.service.working import Working


class LabelingService(HandingOut, Working):
    """Tasks, leases, submissions, drafts and reviews."""
