"""What is known of a task's labels at this moment: as stored, or at once from the judgements that are in."""

from __future__ import annotations

from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import NotFoundError
from goldsmith.labeling.api import tasks_by_id
from goldsmith.platform.database import Transaction
from goldsmith.quality.answering import with_said
from goldsmith.quality.deciding import known_only
from goldsmith.quality.reading import LabelReader
from goldsmith.quality.service.fitting import Fit, Fitting, learnt_fit, ready_fit, resolve_votes
from goldsmith.quality.store import versions
from goldsmith.quality.types import (
    METHOD_DETECTION,
    METHOD_LIVE,
    ConsensusView,
    ResolvedTask,
)


class Present(Fitting):
    """The part of the service that tells a task's consensus.

    A version is stored once all judgements of a task are in. Before that, and after somebody revised, the newest fit
    and the task's own judgements tell the same, in a few milliseconds: so there is a posterior after every
    submission, whichever process is asked, and nothing but the database has to survive a restart.
    """

    def get_consensus(self, tx: Transaction, task_id: str, version: int | None = None) -> ConsensusView:
        """Return a version of a task's consensus; by default what is known now, which may be none that is stored.

        Raises:
            NotFoundError: Nobody labelled the task, its answer is known, or it has not this version.
        """
        if version is not None:
            found = versions.find_consensus(tx, task_id, version)
        else:
            found = versions.newest_consensus(tx, task_id)
            if found is None or found.method == METHOD_DETECTION:
                counted = self.labeling.counted_ids(tx, [task_id]).get(task_id, [])
                if not set(counted) <= set(() if found is None else found.submission_ids):
                    found = self._live(tx, task_id) or found
        if found is None:
            raise NotFoundError("the task has no such consensus")
        return found

    def _live(self, tx: Transaction, task_id: str) -> ConsensusView | None:
        facts = tasks_by_id(tx, [task_id])
        if not facts or facts[0].is_gold:
            return None
        project_id = facts[0].project_id
        reader = LabelReader(self.projects.get_upgrader(tx, project_id))
        fit = self._fit_for(tx, project_id)
        votes = [reader.vote(row) for row in self.labeling.counted_of_tasks(tx, [task_id])]
        (entry,) = resolve_votes([known_only(vote, classes=fit.classes) for vote in votes], fit)
        said = self.labeling.answers_said(tx, project_id, [task_id])
        entry = with_said(entry, said.get(task_id))
        return _view_of(entry, reader.ontology_version, self.machine.clock.now_ms())

    def _fit_for(self, tx: Transaction, project_id: str) -> Fit:
        """Return the newest fit; what is usual where nothing was learnt yet."""
        kept = self._newest_fit(tx, project_id)
        if kept is not None:
            return kept.ready
        ontology = self.projects.get_ontology(tx, project_id)
        usual, bodies = learnt_fit([], {}, ontology, version=0, count=0, now_ms=0)
        return ready_fit(usual, bodies, ontology)


def _view_of(entry: ResolvedTask, ontology_version: int, now_ms: int) -> ConsensusView:
    labelling = entry.labelling
    assert isinstance(labelling, Labelling), "votes are read as models"
    return ConsensusView(
        task_id=entry.task_id,
        version=0,
        method=METHOD_LIVE,
        labelling=labelling,
        ontology_version=ontology_version,
        support=dict(entry.support),
        submission_ids=entry.submission_ids,
        lowest_posterior=entry.lowest_posterior,
        answers={key: dict(shares) for key, shares in entry.answers.items()},
        created_ms=now_ms,
    )
