"""Stored labels as they read in the newest version of their project's ontology."""

from __future__ import annotations

from goldsmith.core.annotations import Labelling
from goldsmith.labeling.api import CountedSubmission
from goldsmith.projects.api import LabelUpgrader
from goldsmith.quality.types import ConsensusView, Vote


class LabelReader:
    """Reads labels of any version of a project's ontology in its newest one.

    Args:
        upgrader: Of the project.
    """

    def __init__(self, upgrader: LabelUpgrader) -> None:
        self._upgrader = upgrader
        self.ontology_version = upgrader.newest_version
        """The version everything is read in."""
        self.relation_types = upgrader.relation_types
        """How objects may be related in it."""

    def labelling(self, text: str, *, made_with: int) -> Labelling:
        """Read JSON text of a labelling that was made with an ontology version, from 1."""
        return self._upgrader.upgrade(Labelling.model_validate_json(text), from_version=made_with).labelling

    def vote(self, row: CountedSubmission) -> Vote:
        """Read a submission."""
        labelling = self.labelling(row.labelling, made_with=row.ontology_version)
        return Vote(row.task_id, row.submission_id, row.member_id, labelling)

    def view(self, view: ConsensusView) -> ConsensusView:
        """Read a consensus version."""
        if view.ontology_version == self.ontology_version:
            return view
        labelling = self._upgrader.upgrade(view.labelling, from_version=view.ontology_version).labelling
        return view.model_copy(update={"labelling": labelling, "ontology_version": self.ontology_version})
