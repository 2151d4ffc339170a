"""What other steps may use of labelling."""

from goldsmith.labeling.policy import unit_hash
from goldsmith.labeling.service import LabelingService
from goldsmith.labeling.service.exporting import ExportLabels
from goldsmith.labeling.store.facts import (
    submissions_by_id,
    submissions_of_item,
    submissions_of_member,
    task_ids_of_batch,
    tasks_by_id,
    tasks_of_item,
)
from goldsmith.labeling.types import (
    Answered,
    ConsensusOutcome,
    CountedSubmission,
    Decision,
    GoldEvidence,
    LabelledTask,
    NewPrediction,
    PersonActivity,
    ProjectProgress,
    QualityHook,
    Requeued,
    SaidAnswers,
    Stage,
    SubmissionFact,
    SubmissionKind,
    TaskFact,
    TaskPayload,
    TaskState,
)

__all__ = [
    "Answered",
    "ConsensusOutcome",
    "CountedSubmission",
    "Decision",
    "ExportLabels",
    "GoldEvidence",
    "LabelingService",
    "LabelledTask",
    "NewPrediction",
    "PersonActivity",
    "ProjectProgress",
    "QualityHook",
    "Requeued",
    "SaidAnswers",
    "Stage",
    "SubmissionFact",
    "SubmissionKind",
    "TaskFact",
    "TaskPayload",
    "TaskState",
    "submissions_by_id",
    "submissions_of_item",
    "submissions_of_member",
    "task_ids_of_batch",
    "tasks_by_id",
    "tasks_of_item",
    "unit_hash",
]
