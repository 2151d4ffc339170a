"""The command on a data folder of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

import goldsmith.app
from goldsmith.cli.main import application
from goldsmith.platform.database import Sql, open_database
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import Settings
from tests.integration.quality.installation import ONTOLOGY, picture
from tests.integration.training import small_models


class Shell:
    """Runs commands on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runner = CliRunner()

    def run(self, *words: object, code: int = 0) -> Result:
        result = self.runner.invoke(application, [*map(str, words), "--data", str(self.folder)])
        assert result.exit_code == code, (result.output, result.exception)
        return result

    def json(self, *words: object) -> Any:
        return json.loads(self.run(*words, "--json").stdout)


@pytest.fixture
def shell(sqlite_url: str, tmp_path: Path) -> Shell:
    """A data folder with an owner."""
    folder = tmp_path / "installation"
    folder.mkdir()
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), folder / "goldsmith.db")
    app = goldsmith.app.wire(open_machine(Settings(data_dir=folder, job_threads=0)))
    app.machine.database.write_sync(
        lambda tx: app.accounts.bootstrap_owner(
            tx, email="owner@example.org", name="Olga", password=None, workspace_name="Home"
        )
    )
    app.close()
    return Shell(folder)


def test_from_a_folder_of_pictures_to_an_export(shell: Shell, tmp_path: Path) -> None:
    ontology = tmp_path / "ontology.json"
    ontology.write_text(ONTOLOGY.model_dump_json())
    project = shell.json("project", "create", "Streets [of] gold", "--ontology", ontology)["project_id"]
    assert [row["name"] for row in shell.json("project", "list")] == ["Streets [of] gold"]
    assert "Streets [of] gold" in shell.run("project", "list").stdout.replace("\n", "")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    records = []
    for number in range(6):
        made = picture(number)
        (pictures / made.name).write_bytes(made.data)
        found = [
            {"id": 10 * number + k, "image_id": number, "category_id": 1 + (a.class_id == "sign"),
             "bbox": [a.geometry.bounds_xyxy()[0], a.geometry.bounds_xyxy()[1], 14, 14], "area": 196, "iscrowd": 0}
            for k, a in enumerate(made.gold.annotations)
        ]  # fmt: skip
        records.append((made.name, found))
    document = {
        "images": [
            {"id": n, "file_name": name, "width": 96, "height": 64} for n, (name, _) in enumerate(records)
        ],
        "annotations": [entry for _, found in records for entry in found],
        "categories": [{"id": 1, "name": "Car"}, {"id": 2, "name": "Sign"}],
    }
    (pictures / "labels.json").write_text(json.dumps(document))
    words = ("import", pictures, "--project", project, "--format", "coco", "--labels-as", "accepted")
    assert shell.json(*words)["imported"] == 6
    version = shell.json("dataset", "cut", "streets", "--project", project)
    assert (version["number"], version["dataset_name"]) == (1, "streets")
    (listed,) = shell.json("dataset", "list")
    assert listed["version_count"] == 1
    told = shell.run("dataset", "cut", "streets", "--project", project).stdout
    assert told.strip() == f"{version['dataset_version_id']}  streets v1  {version['content_hash']}"
    archive = tmp_path / "streets.zip"
    shell.run("dataset", "export", version["dataset_version_id"], archive)
    assert archive.stat().st_size > 1_000
    labels = tmp_path / "labels.jsonl"
    shell.run("export", "--project", project, labels)
    assert len(labels.read_text().splitlines()) == 6
    up = shell.json("lineage", version["dataset_version_id"])
    assert {step["kind"] for step in up["steps"]} >= {"item", "submission"}
    told = shell.run("lineage", project, "--direction", "down").stdout
    assert version["dataset_version_id"] in told
    assert {row["state"] for row in shell.json("jobs")} == {"done"}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("lineage", "mdv_nothing"), 1, "no such model version"),
        (("lineage", "nonsense"), 1, "knows ids of"),
        (("lineage", "prj_x", "--direction", "sideways"), 2, "up or down"),
        (("dataset", "cut", "x", "--project", "prj_nothing"), 1, "no such project"),
        (("dataset", "cut", "x", "--project", "p", "--minimum-posterior", "3"), 1, "minimum_posterior"),
        (("dataset", "export", "dsv_nothing", "x.zip", "--format", "excel"), 1, "is not known"),
        (("export", "--project", "prj_x", "out", "--format", "voc"), 2, "jsonl or coco"),
        (("import", "/nowhere/at/all", "--project", "prj_x"), 2, "is not there"),
        (("project", "create", "x", "--ontology", "/nowhere.json"), 1, "nowhere.json"),
        (("project", "create", ""), 1, "name"),
        (("train", "dsv_x", "--recipe", "magic"), 1, "no recipe"),
        (("project", "list", "--workspace", "Elsewhere"), 1, "no workspace"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence(
    shell: Shell, words: tuple[str, ...], code: int, told: str
) -> None:
    result = shell.run(*words, code=code)
    assert told in result.output.replace("\n", " ").replace("│", "")
    assert "Traceback" not in result.output


def test_a_key_is_made_and_shown_once(shell: Shell) -> None:
    words = ("key", "create", "--workspace", "Home", "--member", "owner@example.org")
    assert shell.run(*words).stdout.strip().startswith("gsk_")
    made = shell.json(*words, "--test-mode")
    assert made["secret"].startswith("gsk_")
    shell.run("key", "create", "--workspace", "Home", "--member", "nobody@example.org", code=1)


def test_a_click_segmentation_model_is_added(shell: Shell, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    encoder, decoder = small_models.pair(tmp_path)
    made = shell.json("model", "add-segmenter", "clicker", encoder, decoder, "--pixels", "unit")
    assert (made["model_name"], made["number"], made["format"]) == ("clicker", 1, "segmenter")
    assert "clicker 2" in shell.run("model", "add-segmenter", "clicker", encoder, decoder).stdout
    refused = shell.run("model", "add-segmenter", "other", decoder, encoder, code=1)
    assert "must take the picture alone" in refused.output
    shell.run("model", "add-segmenter", "other", encoder, decoder, "--pixels", "bgr", code=1)


def test_a_changed_row_of_the_audit_log_is_found(shell: Shell) -> None:
    shell.run("project", "create", "Streets")
    shell.run("audit", "verify")
    database = open_database(f"sqlite:///{shell.folder / 'goldsmith.db'}")
    database.write_sync(
        lambda tx: tx.run(Sql("UPDATE audit_log SET action = 'nothing' WHERE sequence = 1"), {})
    )
    database.close()
    result = shell.run("audit", "verify", code=1)
    assert "Traceback" not in result.output


def test_a_backup_is_restored_elsewhere(shell: Shell, tmp_path: Path) -> None:
    shell.run("project", "create", "Streets")
    archive = tmp_path / "all.tar"
    shell.run("backup", archive)
    other = Shell(tmp_path / "other")
    other.run("restore", archive)
    assert [row["name"] for row in other.json("project", "list")] == ["Streets"]
    again = other.run("restore", archive, code=1)
    assert "Traceback" not in again.output


def test_the_doctor_finds_nothing_wrong(shell: Shell) -> None:
    findings = shell.json("doctor")
    assert {entry["level"] for entry in findings} <= {"ok", "warning"}


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(application, ["--version"]).stdout.strip() == goldsmith.__version__
