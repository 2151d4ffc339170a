"""What is known of a project: its page, and the labels in force for datasets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from goldsmith.platform.database import Transaction
from goldsmith.quality.learning import HISTOGRAM_BINS
from goldsmith.quality.service.foundation import Foundation
from goldsmith.quality.store import fits, versions
from goldsmith.quality.types import (
    METHOD_DETECTION,
    AnnotatorQuality,
    CurrentLabel,
    OverallAgreement,
    QualityReport,
)

_CHUNK_TASKS: Final = 100
_NOTHING_LEARNT: Final[dict[str, Any]] = {
    "objects": 0,
    "tasks": 0,
    "expected_right": None,
    "posterior_histogram": [0] * HISTOGRAM_BINS,
    "overall": OverallAgreement(f1=None, low=None, high=None),
    "per_class": [],
    "per_pair": [],
}


class Reporting(Foundation):
    """The part of the service that tells what is known."""

    def report(self, tx: Transaction, project_id: str) -> QualityReport:
        """Return what the quality page shows: what was learnt last, and what each member did so far."""
        fit = fits.newest_fit(tx, project_id)
        skills = {} if fit is None else fits.skills_at(tx, project_id=project_id, version=fit.version)
        annotators = [
            AnnotatorQuality(
                **skills[activity.member_id] | {"submissions": activity.submissions},
                member_id=activity.member_id,
                name=activity.name,
                kind=activity.kind,
                active_ms=activity.active_ms,
                skips=activity.skips,
                last_ms=activity.last_ms,
            )
            for activity in self.labeling.activity(tx, project_id)
            if activity.member_id in skills
        ]
        learnt = _NOTHING_LEARNT if fit is None else fit.report
        return QualityReport(
            **learnt,
            annotators=sorted(annotators, key=lambda entry: -entry.skill.value),
            fit_version=0 if fit is None else fit.version,
            fitted_ms=None if fit is None else fit.created_ms,
        )

    def iter_labels(self, project_id: str) -> Iterator[list[CurrentLabel]]:
        """Yield, in batches, the label in force of each task that has one, as it reads in the newest ontology."""
        reader = self._reader(project_id)
        for rows in self.labeling.iter_labelled_tasks(project_id, batch_tasks=_CHUNK_TASKS):
            plain = [row.task_id for row in rows if row.gold_labelling is None]
            views = self.machine.database.read_sync(partial(versions.newest_for, task_ids=plain))
            batch = []
            for row in rows:
                if row.gold_labelling is not None and row.gold_submission_id is not None:
                    labelling = reader.labelling(row.gold_labelling, made_with=row.gold_ontology_version or 1)
                    ids = [row.gold_submission_id]
                    batch.append(
                        CurrentLabel(
                            row.task_id, row.item_id, "gold", 1, labelling, ids, row.state, is_reviewed=True
                        )
                    )
                elif (view := views.get(row.task_id)) is not None:
                    view = reader.view(view)
                    is_reviewed = view.method != METHOD_DETECTION or row.accepted_version == view.version
                    batch.append(
                        CurrentLabel(
                            row.task_id,
                            row.item_id,
                            "consensus",
                            view.version,
                            view.labelling,
                            view.submission_ids,
                            row.state,
                            is_reviewed,
                        )
                    )
            yield batch
