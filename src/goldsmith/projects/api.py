"""What other steps may use of projects."""

from goldsmith.projects.policy import LabelUpgrader
from goldsmith.projects.service import ProjectsService
from goldsmith.projects.types import (
    DEFAULT_BATCH,
    Aspect,
    Batch,
    BatchState,
    ExampleBook,
    LabelUsage,
    OntologyUse,
    Project,
    ProjectSetup,
    ProjectState,
    ReviewMode,
    ReviewPolicy,
    TaskOrder,
    WorkControl,
    Workflow,
)

__all__ = [
    "DEFAULT_BATCH",
    "Aspect",
    "Batch",
    "BatchState",
    "ExampleBook",
    "LabelUpgrader",
    "LabelUsage",
    "OntologyUse",
    "Project",
    "ProjectSetup",
    "ProjectState",
    "ProjectsService",
    "ReviewMode",
    "ReviewPolicy",
    "TaskOrder",
    "WorkControl",
    "Workflow",
]
