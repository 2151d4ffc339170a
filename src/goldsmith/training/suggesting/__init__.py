"""Models that help while people draw: the project's own detector, and click segmentation."""
