"""A real receiver of mail on loopback: an SMTP server that keeps what it is given."""

from __future__ import annotations

import base64
import socket
import socketserver
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

USER, PASSWORD = "goldsmith", "a mail password"


class MailReceiver(socketserver.ThreadingTCPServer):
    """Keeps mails with whom they were for, and says ``answer`` once they are there.

    Args:
        tls: With a certificate, for STARTTLS; None does not offer it.
        speaks_tls: From the beginning, with that certificate.
        wants_login: Takes mail only from whoever signed in.

    Attributes:
        refused: A recipient who is not known here.
    """

    daemon_threads = True

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, speaks_tls: bool = False, wants_login: bool = False
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Caller)
        self.tls, self.speaks_tls, self.wants_login = tls, speaks_tls, wants_login
        self.answer, self.refused = "250 kept", ""
        self.got: list[tuple[str, EmailMessage]] = []
        self.port: int = self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def get_request(self) -> tuple[socket.socket, Any]:
        caller, address = super().get_request()
        if self.speaks_tls and self.tls is not None:
            caller = self.tls.wrap_socket(caller, server_side=True)
        return caller, address

    def environment(self) -> dict[str, str]:
        """The settings of an installation that sends its mail here."""
        own = {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "SENDER": "goldsmith@example.org",
            "SECURITY": "none",
        }
        return {f"GOLDSMITH_SMTP_{name}": value for name, value in own.items()}

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Caller(socketserver.StreamRequestHandler):
    """Speaks with one caller."""

    def handle(self) -> None:
        self.place = cast("MailReceiver", self.server)
        self.to, self.is_in = "", not self.place.wants_login
        self.say("220 receiver")
        while line := self.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            getattr(self, f"on_{verb.lower()}", self.on_other)(rest)

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def on_other(self, _: str) -> None:
        self.say("250 yes")

    def on_quit(self, _: str) -> None:
        self.say("221 bye")

    def on_ehlo(self, _: str) -> None:
        self.say("250-receiver", *(["250-STARTTLS"] if self.place.tls else []), "250 AUTH PLAIN")

    def on_starttls(self, _: str) -> None:
        assert self.place.tls is not None
        self.say("220 go on")
        try:
            self.request = self.place.tls.wrap_socket(self.request, server_side=True)
        except OSError:  # a caller who does not trust the certificate is gone
            return
        self.setup()

    def on_auth(self, rest: str) -> None:
        given = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        self.is_in = given == ["", USER, PASSWORD]
        self.say("235 in" if self.is_in else "535 not in")

    def on_mail(self, _: str) -> None:
        self.say("250 yes" if self.is_in else "530 sign in first")

    def on_rcpt(self, rest: str) -> None:
        self.to = rest.partition(":")[2].strip("<>")
        self.say("550 nobody of that name" if self.to == self.place.refused else "250 yes")

    def on_data(self, _: str) -> None:
        self.say("354 go on")
        content = b"".join(line.removeprefix(b".") for line in iter(self.rfile.readline, b".\r\n"))
        made = message_from_bytes(content, policy=policy.default)
        self.place.got.append((self.to, made))
        self.say(self.place.answer)
