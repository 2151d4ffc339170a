"""The whole service, out of its parts."""

from __future__ import annotations

from goldsmith.labeling.service.changing import Changing
from goldsmith.labeling.service.exporting import Exporting
from goldsmith.labeling.service.knowing import Knowing
from goldsmith.labeling.service.looking_back import LookingBack
from goldsmith.labeling.service.outcomes import Outcomes
from goldsmith.labeling.service.outright import Outright
from goldsmith.labeling.service.reading import Reading
from goldsmith.labeling.service.revising import Revising


class LabelingService(Knowing, Revising, Outright, Changing, Outcomes, Reading, LookingBack, Exporting):
    """Tasks, leases, submissions, drafts, reviews, and what people say of them."""
