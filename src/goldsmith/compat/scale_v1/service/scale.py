"""The whole service, out of its parts."""

from __future__ import annotations

from goldsmith.compat.scale_v1.service.changing import Changing
from goldsmith.compat.scale_v1.service.creating import Creating
from goldsmith.compat.scale_v1.service.files import Files
from goldsmith.compat.scale_v1.service.following import Following
from goldsmith.compat.scale_v1.service.studio import Studio
from goldsmith.compat.scale_v1.service.teams import Teams


class ScaleService(Creating, Changing, Following, Files, Teams, Studio):
    """Projects, batches, tasks, files, teams and Studio, as Scale's clients know them."""
