"""A whole installation, for the tests of this room."""

from tests.integration.quality.installation import installation, small

__all__ = ["installation", "small"]
