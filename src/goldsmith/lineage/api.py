"""What the rooms above may use of lineage."""

from goldsmith.lineage.service import LineageService
from goldsmith.lineage.types import Direction, Node, Report, Step

__all__ = ["Direction", "LineageService", "Node", "Report", "Step"]
