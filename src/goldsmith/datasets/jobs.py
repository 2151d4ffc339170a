"""Long work on datasets: cutting a version, exporting one."""

from __future__ import annotations

from typing import Any

from goldsmith.datasets.exports import export_version
from goldsmith.datasets.service import DatasetsService
from goldsmith.datasets.types import VersionPolicy
from goldsmith.formats.types import WriteOptions
from goldsmith.platform.jobs import JobContext, Jobs


def register(jobs: Jobs, service: DatasetsService) -> None:
    """Tell the runner what datasets can do."""
    jobs.register("datasets.cut", lambda context: _cut(service, context))
    jobs.register("datasets.export", lambda context: _export(service, context))


def _cut(service: DatasetsService, context: JobContext) -> dict[str, Any]:
    policy = VersionPolicy.model_validate(context.args["policy"])
    # the time is a kept step, so that a resumed job writes the same datasheet
    made_ms = context.step("time", service.machine.clock.now_ms)
    context.progress(0, 2, "gathering labels")
    cut = service.cut(policy=policy, made_ms=made_ms)
    context.progress(1, 2, "storing the version")

    def store(tx: Any) -> str:
        version = service.store_version(
            tx,
            dataset_id=context.args["dataset_id"],
            policy=policy,
            cut=cut,
            created_by=context.created_by or "system",
            made_ms=made_ms,
        )
        return version.dataset_version_id

    version_id = context.step_in_transaction("store", store)
    context.progress(2, 2, "done")
    return {"dataset_version_id": version_id}


def _export(service: DatasetsService, context: JobContext) -> dict[str, Any]:
    def read(tx: Any) -> Any:
        return service.get_version(tx, context.args["dataset_version_id"])

    version = service.machine.database.read_sync(read)
    result = export_version(
        service,
        version,
        format_name=context.args["format"],
        with_media=bool(context.args.get("with_media", True)),
        options=WriteOptions(yolo_variant=context.args.get("yolo_variant", "auto")),
        folder=context.scratch_dir,
        progress=context.progress,
    )
    return result.model_dump(mode="json")
