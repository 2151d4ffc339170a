"""What people and other steps do with tasks."""

from goldsmith.labeling.service.labeling import LabelingService

__all__ = ["LabelingService"]
