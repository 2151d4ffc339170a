"""Signs that somebody's work deserves a look: spam, copying, straight-lining, haste, drift; each with its evidence.

``vote_signals`` and ``object_signals`` give all of them in one call; the parts by name where somebody wants one.
"""

from goldsmith.science.signals.copying import copying
from goldsmith.science.signals.drift import drift
from goldsmith.science.signals.lines import straight_lining
from goldsmith.science.signals.object_signals import object_signals
from goldsmith.science.signals.spam import spam
from goldsmith.science.signals.speed import too_fast
from goldsmith.science.signals.types import (
    Copying,
    Drift,
    Finding,
    SignalKind,
    SignalNumber,
    Signals,
    SignalSettings,
    Spam,
    StraightLining,
    TooFast,
)
from goldsmith.science.signals.vote_signals import vote_signals

__all__ = [
    "Copying",
    "Drift",
    "Finding",
    "SignalKind",
    "SignalNumber",
    "SignalSettings",
    "Signals",
    "Spam",
    "StraightLining",
    "TooFast",
    "copying",
    "drift",
    "object_signals",
    "spam",
    "straight_lining",
    "too_fast",
    "vote_signals",
]
