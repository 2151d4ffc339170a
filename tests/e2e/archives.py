"""Labels taken away through the API in each format, and brought back into other projects."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any, Final

from tests.e2e.person import Person

_PATIENCE_S: Final = 60.0
_LOOK_S: Final = 0.03


class Archives:
    """What one person takes away and brings back.

    Args:
        person: An owner or a manager.
    """

    def __init__(self, person: Person) -> None:
        self._person = person
        self._dataset_id = ""
        self._workspace_id = ""

    def cut(self, project_id: str, *, item_ids: list[str] | None = None) -> str:
        """Cut a dataset version of finished labels; returns its id.

        Args:
            project_id: Where the labels are.
            item_ids: Only these; None for all.
        """
        if not self._dataset_id:
            made = self._person.ask(
                "POST", "/workspaces/{w}/datasets", {"name": f"Taken {time.monotonic_ns()}"}
            )
            self._dataset_id, self._workspace_id = made["dataset_id"], made["workspace_id"]
        policy = {
            "project_ids": [project_id],
            "item_ids": item_ids,
            "split": {"mode": "fixed", "fixed_split": "train"},
        }
        queued = self._person.ask("POST", f"/datasets/{self._dataset_id}/versions", policy)
        self._wait(queued["job_id"])
        versions = self._person.ask("GET", f"/datasets/{self._dataset_id}")["versions"]
        return str(versions[0]["dataset_version_id"])

    def export(
        self, version_id: str, format_name: str, *, variant: str = "auto", with_media: bool = False
    ) -> bytes:
        """Return a version as a zip archive of a format."""
        asked = {"format": format_name, "with_media": with_media, "yolo_variant": variant}
        queued = self._person.ask("POST", f"/dataset-versions/{version_id}/exports", asked)
        self._wait(queued["job_id"])
        return self._get(f"/exports/{queued['job_id']}/file")

    def streamed(self, project_id: str, format_name: str) -> bytes:
        """Return the labels in force of a project as it streams them."""
        return self._get(f"/projects/{project_id}/export?format={format_name}")

    def labels(self, project_id: str) -> dict[str, Any]:
        """Return the labelling in force of each item by the last part of the item's name."""
        lines = [json.loads(line) for line in self.streamed(project_id, "jsonl").splitlines()]
        return {line["name"].rpartition("/")[2]: line["labelling"] for line in lines}

    def bring(self, archive: bytes, *, name: str) -> str:
        """Import an archive as finished labels into a project of its own; returns the project's id."""
        project = self._person.ask("POST", "/workspaces/{w}/projects", {"name": name})
        project_id = str(project["project_id"])
        token = self._person.ask("GET", "/auth/me")["csrf_token"]
        answer = self._person.page.request.post(
            f"{self._person.url}/api/v1/projects/{project_id}/imports",
            headers={"X-CSRF-Token": token},
            multipart={
                "files": {"name": "set.zip", "mimeType": "application/zip", "buffer": archive},
                "labels_as": "accepted",
                "ontology": "extend",
            },
        )
        assert answer.ok, answer.text()
        job_id = answer.json()["job_id"]
        self._wait(job_id)
        problems = self._person.ask("GET", f"/imports/{job_id}/problems")["items"]
        assert [problem for problem in problems if problem["severity"] == "refused"] == []
        return project_id

    def _get(self, path: str) -> bytes:
        answer = self._person.page.request.get(f"{self._person.url}/api/v1{path}")
        assert answer.ok, answer.text()
        return answer.body()

    def _wait(self, job_id: str) -> None:
        deadline_s = time.monotonic() + _PATIENCE_S
        while True:
            job = self._person.ask("GET", f"/workspaces/{{w}}/jobs/{job_id}")
            if job["state"] == "done":
                return
            assert job["state"] in {"queued", "running"}, job
            assert time.monotonic() < deadline_s, "the job takes too long"
            time.sleep(_LOOK_S)


def opened(archive: bytes) -> zipfile.ZipFile:
    """Return an archive to look into."""
    return zipfile.ZipFile(io.BytesIO(archive))


def one_file(archive: bytes, ending: str) -> bytes:
    """Return the only file of an archive with such an ending."""
    with opened(archive) as files:
        [name] = [name for name in files.namelist() if name.endswith(ending)]
        return files.read(name)
