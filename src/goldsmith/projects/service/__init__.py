"""What people do with projects: make and change them, with their documents, members and batches."""

from goldsmith.projects.service.projects import ProjectsService

__all__ = ["ProjectsService"]
