"""Where there is no network, every attempt to get out is counted; the demonstration's whole loop is run like this."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

OFFLINE = Path(__file__).with_name("offline.py")


def namespace() -> list[str] | None:
    """The command that starts another one without a network; None where the system allows nobody to."""
    for command in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0
        ):
            return command
    return None


def run_offline(*command: str, folder: Path) -> dict[str, Any]:
    """Run a command without a network; returns its return code and how often it tried a way out."""
    unshare = namespace()
    if unshare is None:
        pytest.skip("this system lets nobody make a network namespace (unshare --net)")
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    ran = subprocess.run(
        [*unshare, sys.executable, str(OFFLINE), *command],
        capture_output=True, text=True, cwd=folder, env=environment, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    result: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    assert result["returncode"] == 0, ran.stdout + ran.stderr
    return result


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket().connect_ex(('192.0.2.1', 443))",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect_ex(('192.0.2.1', 53))",
        "import socket; socket.socket(socket.AF_INET6).connect_ex(('2001:db8::1', 443))",
    ],
    ids=["tcp", "udp", "tcp6"],
)
def test_an_attempt_to_get_out_is_counted(attempt: str, tmp_path: Path) -> None:
    assert run_offline(sys.executable, "-c", attempt, folder=tmp_path)["refused"] >= 1


def test_speaking_to_this_machine_is_not_counted(tmp_path: Path) -> None:
    attempt = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    )
    assert run_offline(sys.executable, "-c", attempt, folder=tmp_path)["refused"] == 0
