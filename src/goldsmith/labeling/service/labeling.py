"""The whole service, out of its parts."""

from __future__ import annotations

from goldsmith.labeling.service.asking import Asking
from goldsmith.labeling.service.changing import Changing
from goldsmith.labeling.service.exporting import Exporting
from goldsmith.labeling.service.knowing import Knowing
from goldsmith.labeling.service.looking_back import LookingBack
from goldsmith.labeling.service.outcomes import Outcomes
from goldsmith.labeling.service.reading import Reading
from goldsmith.labeling.service.reviewing import Reviewing
from goldsmith.labeling.service.revising import Revising


class LabelingService(
    Knowing, Revising, Reviewing, Changing, Outcomes, Reading, LookingBack, Exporting, Asking
):
    """Tasks, leases, submissions, drafts, reviews, and what people say of them."""
