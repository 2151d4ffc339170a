"""One of everything that a path of the application can name."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from goldsmith.accounts.api import Access
from goldsmith.platform.database import Transaction, metadata
from goldsmith.projects.api import ProjectsService
from tests.integration.server.house import House

_PREFIXES = {
    "batch_id": "bat",
    "item_id": "itm",
    "task_id": "tsk",
    "judgement_id": "jdg",
    "comment_id": "cmt",
    "dataset_id": "dst",
    "dataset_version_id": "dsv",
    "run_id": "run",
    "model_version_id": "mdv",
    "evaluation_id": "evl",
    "import_id": "job",
    "change_id": "chg",
    "slice_id": "slc",
    "export_id": "job",
    "audit_id": "aud",
    "consequence_id": "csq",
}
_HASH = "0" * 64
_SOURCE = {"options": "{}", "source_kind": "upload", "source": '{"kind": "upload", "files": []}'}

Rows = list[tuple[str, dict[str, Any]]]


def seed(house: House, owner: Access, members: list[Access]) -> dict[str, str]:
    """Make one of everything, in one project that ``members`` were added to; ids by path parameter."""
    ids = {name: house.machine.ids.new(prefix) for name, prefix in _PREFIXES.items()}

    def insert(tx: Transaction) -> str:
        project_id = ProjectsService(house.machine).create_project(tx, owner, name="Streets").project_id
        for member in members:
            row = {"project_id": project_id, "member_id": member.member_id, "added_by": "x", "added_ms": 1}
            tx.run(sa.insert(metadata.tables["project_members"]), row)
        for table, row in [*_labelling_rows(owner, project_id, ids), *_learning_rows(owner, ids)]:
            tx.run(sa.insert(metadata.tables[table]), row)
        return str(project_id)

    return {
        "project_id": house.write(insert),
        "workspace_id": owner.workspace_id,
        "member_id": owner.member_id,
        "subject_id": ids["item_id"],
        **dict.fromkeys(("level", "x", "y", "number"), "0"),
        **ids,
    }


def _labelling_rows(owner: Access, project_id: str, ids: dict[str, str]) -> Rows:
    workspace, project = {"workspace_id": owner.workspace_id}, {"project_id": project_id}
    item, task = {"item_id": ids["item_id"]}, {"task_id": ids["task_id"], "position": 1.0, **project}
    comment = {"comment_id": ids["comment_id"], "thread_id": ids["comment_id"], "task_id": ids["task_id"]}
    made: dict[str, Any] = {"created_ms": 1}
    maker: dict[str, Any] = {"created_by": owner.member_id, **made}
    picture = {"kind": "image", "name": "1.jpg", "sha256": _HASH, "width_px": 1, "height_px": 1}
    return [
        ("batches", {"batch_id": ids["batch_id"], "name": "one", "state": "open", **project, **maker}),
        ("items", {**item, **picture, **workspace, **made}),
        ("tasks", {**task, **item, "state": "open", "updated_ms": 1, **made}),
        (
            "judgements",
            {**task, "judgement_id": ids["judgement_id"], "stage": "label", "is_open": 1, "rank": 1},
        ),
        ("comments", {**comment, "member_id": owner.member_id, "text": "Here?", **project, **made}),
        (
            "changes",
            {"change_id": ids["change_id"], "change": '{"kind":"gold"}', "total": 1, **project, **maker},
        ),
        (
            "audits",
            {
                "audit_id": ids["audit_id"],
                "state": "running",
                "target": 0.9,
                "confidence": 0.9,
                "population": 1,
                **project,
                **maker,
            },
        ),
        (
            "consequences",
            {
                "consequence_id": ids["consequence_id"],
                "member_id": "mem_1",
                "kind": "tell",
                "signal": "manual",
                "state": "active",
                "evidence": '{"sentence": "Look again."}',
                **project,
                **made,
            },
        ),
        ("slices", {"slice_id": ids["slice_id"], "name": "one", "query": "", **project, **maker}),
        ("jobs", {"job_id": ids["import_id"], "kind": "items.import", **_JOB, **workspace, **made}),
        ("imports", {"job_id": ids["import_id"], **_SOURCE, **project, **workspace, **maker}),
    ]


def _learning_rows(owner: Access, ids: dict[str, str]) -> Rows:
    workspace, model_id = {"workspace_id": owner.workspace_id}, "mdl_1"
    made: dict[str, Any] = {"created_ms": 1}
    maker: dict[str, Any] = {"created_by": owner.member_id, **made}
    version = {"dataset_version_id": ids["dataset_version_id"]}
    content = {"content_hash": _HASH, "manifest_sha256": _HASH, "table_sha256": _HASH, "card": "{}"}
    policy = {"policy": '{"project_ids": ["prj_1"]}'}
    failed = {"job_id": "job_1", "state": "failed"}
    weights = {"source": "imported", "format": "predictions", "classes": "[]"}
    recipe = {"recipe": "{}", "recipe_hash": _HASH, "seed": 1}
    model = {"model_version_id": ids["model_version_id"]}
    return [
        ("datasets", {"dataset_id": ids["dataset_id"], "name": "one", **workspace, **maker}),
        (
            "dataset_versions",
            {"dataset_id": ids["dataset_id"], "number": 1, **version, **content, **policy, **maker},
        ),
        ("jobs", {"job_id": ids["export_id"], "kind": "datasets.export", **_JOB, **workspace, **made}),
        ("models", {"model_id": model_id, "name": "one", **workspace, **made}),
        ("model_versions", {"model_id": model_id, "number": 1, **model, **weights, **made}),
        (
            "runs",
            {
                "run_id": ids["run_id"],
                "model_id": model_id,
                **recipe,
                **failed,
                **workspace,
                **version,
                **maker,
            },
        ),
        (
            "evaluations",
            {
                "evaluation_id": ids["evaluation_id"],
                "split": "test",
                **failed,
                **workspace,
                **version,
                **model,
                **maker,
            },
        ),
    ]


_JOB = {"args": "{}", "state": "done", "is_open": 0, "available_ms": 1, "max_attempts": 1}
