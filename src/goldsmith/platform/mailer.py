"""Mail: handed to the one SMTP server that the operator named, and to nobody else."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final, NamedTuple

from goldsmith.core.errors import DependencyError
from goldsmith.platform.settings import PLAIN_ADDRESS, Settings

NO_MAIL: Final = (
    "this installation sends no mail; its operator names a mail server with the setting smtp_host "
    "(GOLDSMITH_SMTP_HOST)"
)
_POLICY: Final = SMTP.clone(cte_type="7bit")  # which every server takes
_WITHIN_S: Final = 15.0
_KEPT_CHARS: Final = 2048
_TAKEN: Final = (250, 251)


class MailAnswer(NamedTuple):
    """What the mail server said last: its code, such as 250, and its words."""

    code: int
    text: str


def is_address(text: str) -> bool:
    """Say whether a text is one plain e-mail address: no name, no list, nothing that ends a line."""
    return PLAIN_ADDRESS.fullmatch(text) is not None


class Mailer:
    """Sends single mails of plain text.

    Args:
        settings: The mail server, how to speak to it, and from whom mail comes.
        context: Which certificates are trusted; those of the operating system by default.
    """

    def __init__(self, settings: Settings, *, context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._context = context

    @property
    def is_enabled(self) -> bool:
        """Whether there is a mail server."""
        return bool(self._settings.smtp_host)

    def send(self, *, to: str, subject: str, text: str, reference: str, at_ms: int) -> MailAnswer:
        """Hand a mail to the mail server and return what it said: taken is 250 or 251, all else is not sent.

        Args:
            to: One plain address.
            subject: One line.
            text: The body.
            reference: Names the mail: sent again under the same one, it is the same mail.
            at_ms: When it was written.

        Raises:
            DependencyError: There is no mail server, or it could not be spoken to.
            ValueError: The address or the subject would add lines to the head of the mail.
        """
        if not self.is_enabled:
            raise DependencyError(NO_MAIL)
        if not is_address(to):
            raise ValueError("it is not one plain e-mail address")
        mail = self._mail(to, subject, text, reference, at_ms)
        try:
            with self._connected() as server:
                return self._hand_over(server, to, mail)
        except smtplib.SMTPResponseException as error:
            return _answer(error.smtp_code, error.smtp_error)
        except smtplib.SMTPException as error:
            raise DependencyError(f"the mail server does not do what is asked: {error}") from error
        except OSError as error:
            raise DependencyError(f"the mail server cannot be reached: {error}") from error

    def _mail(self, to: str, subject: str, text: str, reference: str, at_ms: int) -> EmailMessage:
        sender = self._settings.smtp_sender
        mail = EmailMessage(policy=_POLICY)
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Date"] = datetime.fromtimestamp(at_ms / 1000, UTC)
        mail["Message-ID"] = f"<{reference}@{sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # nobody's absence is to answer it
        mail.set_content(text)
        return mail

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        settings = self._settings
        context = self._context or ssl.create_default_context()
        if settings.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.smtp_host, settings.smtp_port, timeout=_WITHIN_S, context=context
            )
        else:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_WITHIN_S)
        try:
            if settings.smtp_security == "starttls":
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            yield server
        finally:
            with suppress(smtplib.SMTPException, OSError):  # what was taken stays so, however one parts
                server.quit()
            server.close()

    def _hand_over(self, server: smtplib.SMTP, to: str, mail: EmailMessage) -> MailAnswer:
        server.ehlo_or_helo_if_needed()
        code, said = server.mail(self._settings.smtp_sender)
        if code == _TAKEN[0]:
            code, said = server.rcpt(to)
        if code in _TAKEN:
            code, said = server.data(mail.as_bytes())
        return _answer(code, said)


def _answer(code: int, said: bytes | str) -> MailAnswer:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return MailAnswer(code, text[:_KEPT_CHARS].replace("\x00", "\N{REPLACEMENT CHARACTER}"))
