"""What people do with items: bring them in, look at them, take them out."""

from goldsmith.items.service.items import ItemsService

__all__ = ["ItemsService"]
