"""A receiver of callbacks on this machine, as a customer runs one."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple

_PATIENCE_S: Final = 60.0


class Told(NamedTuple):
    """One callback."""

    auth: str
    body: dict[str, Any]


class Receiver:
    """Keeps what it is told, and answers 200."""

    def __init__(self) -> None:
        told = self._told = list[Told]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told.append(Told(self.headers.get("scale-callback-auth", ""), json.loads(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}/callback"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, task_ids: set[str]) -> dict[str, Told]:
        """Wait until each of these tasks was told of; the last word about each."""
        deadline_s = time.monotonic() + _PATIENCE_S
        while True:
            found = {told.body["task_id"]: told for told in list(self._told) if "task_id" in told.body}
            if task_ids <= set(found):
                return found
            assert time.monotonic() < deadline_s, f"told of {sorted(found)}, not of all of {sorted(task_ids)}"
            time.sleep(0.1)

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()
