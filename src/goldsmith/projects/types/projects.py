"""A project: its versioned documents, its members and its batches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from goldsmith.core.model import Model
from goldsmith.core.ontology import Name, Ontology
from goldsmith.projects.types.migrations import Migration
from goldsmith.projects.types.policies import QualityPolicy, Workflow, first_judgements

DEFAULT_BATCH: Final = "Default"
"""Name of the batch that takes items sent without one."""

UNFINISHED_STATES: Final = ("open", "resolving", "review")
"""States of tasks that ask for something."""


class Aspect(StrEnum):
    """The documents of a project that are kept as versions."""

    ONTOLOGY = "ontology"
    INSTRUCTIONS = "instructions"
    WORKFLOW = "workflow"
    QUALITY = "quality"


class ProjectState(StrEnum):
    """Whether work is handed out."""

    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class BatchState(StrEnum):
    """Whether the tasks of a batch are handed out.

    A batch may begin in ``staging``: its tasks wait until it is opened, which it is once.
    """

    STAGING = "staging"
    OPEN = "open"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class Project(Model):
    """One labelling goal.

    Attributes:
        ontology_version: Newest version of the ontology, from 1; likewise the other three.
        created_by: The member who made it.
        archived_ms: When it was archived, None while it is not.
    """

    project_id: str
    workspace_id: str
    name: Name
    state: ProjectState
    ontology_version: int
    instructions_version: int
    workflow_version: int
    quality_version: int
    created_by: str
    created_ms: int
    archived_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ProjectSetup:
    """A project with its newest ontology, workflow and quality policy, read by one statement."""

    project: Project
    ontology: Ontology
    workflow: Workflow
    quality: QualityPolicy

    @property
    def first_judgements(self) -> int:
        """How many judgements a task begins with."""
        return first_judgements(self.workflow, self.quality)


class Progress(Model):
    """Where the work of a project stands.

    Attributes:
        items: Tasks, one for each item of the project.
        states: Tasks by state; states without tasks are absent.
        submissions_7d: Labellings that people submitted in the last seven days.
        members: Members that were added to the project.
    """

    items: int
    states: dict[str, int]
    submissions_7d: int
    members: int


class ProjectView(Project):
    """A project as lists and its page show it."""

    progress: Progress


class ProjectMember(Model):
    """A member that was added to a project."""

    member_id: str
    name: str
    kind: str
    role: str
    added_by: str
    added_ms: int


class Batch(Model):
    """Items sent together.

    Attributes:
        priority: Higher is handed out first.
        is_for_some: Only some members are given its tasks to label; else all members of the project. Reviewing is open
            to all reviewers.
        origin: Why it was made, such as ``{"kind": "evaluation", "evaluation_id": ...}``; empty for plain imports.
    """

    batch_id: str
    project_id: str
    name: Name
    priority: int
    state: BatchState
    is_for_some: bool = False
    origin: dict[str, Any]
    created_by: str
    created_ms: int


class BatchView(Batch):
    """A batch with its tasks counted by state.

    Attributes:
        members: Names of those who alone label it, where it is for some.
    """

    states: dict[str, int]
    members: list[str] = []

    @property
    def is_completed(self) -> bool:
        """Whether it is handed out and none of its tasks asks for anything any more; one without tasks is not."""
        is_under_way = any(self.states.get(state, 0) > 0 for state in UNFINISHED_STATES)
        return self.state is BatchState.OPEN and sum(self.states.values()) > 0 and not is_under_way


class Version(Model):
    """One version of one document of a project, without its body."""

    aspect: Aspect
    version: int
    note: str
    created_by: str
    created_ms: int


class OntologyVersion(Model):
    """A version of the ontology, with how labels of the version before read in it."""

    version: int
    ontology: Ontology
    migration: Migration
