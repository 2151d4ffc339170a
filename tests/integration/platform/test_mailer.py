"""Mail handed to a real SMTP server on loopback."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from goldsmith.core.errors import DependencyError
from goldsmith.platform.mailer import Mailer, is_address
from goldsmith.platform.settings import Settings
from tests.integration.compat.mail_receiver import PASSWORD, USER, MailReceiver

Make = Callable[..., MailReceiver]


@pytest.fixture
def receiver() -> Iterator[Make]:
    made: list[MailReceiver] = []

    def make(**options: Any) -> MailReceiver:
        made.append(MailReceiver(**options))
        return made[-1]

    yield make
    for entry in made:
        entry.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    now = dt.datetime.now(dt.UTC)
    place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1)).add_extension(place, critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path / "receiver.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


def mailer(receiver: MailReceiver, context: ssl.SSLContext | None = None, **more: Any) -> Mailer:
    settings = {"smtp_host": "127.0.0.1", "smtp_port": receiver.port, "smtp_sender": "us@example.org"}
    return Mailer(Settings(**{**settings, "smtp_security": "none", **more}), context=context)


def send(mailer: Mailer, *, to: str = "them@example.org", subject: str = "Task 1: completed") -> Any:
    return mailer.send(
        to=to,
        subject=subject,
        text='{"label": "Kühe", "x": "\\r\\nBcc: a@b"}\n.\n',
        reference="r1",
        at_ms=1_700_000_000_000,
    )


def test_a_mail_arrives_as_it_was(receiver: Make) -> None:
    place = receiver()
    assert send(mailer(place)) == (250, "kept")
    ((to, mail),) = place.got
    assert (to, mail["From"], mail["To"]) == ("them@example.org", "us@example.org", "them@example.org")
    assert (mail["Subject"], mail["Message-ID"]) == ("Task 1: completed", "<r1@example.org>")
    assert mail["Bcc"] is None and mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Tue, 14 Nov 2023 22:13:20 +0000"
    assert mail["Content-Transfer-Encoding"] != "8bit"  # which not every server takes
    assert mail.get_content().replace("\r\n", "\n") == '{"label": "Kühe", "x": "\\r\\nBcc: a@b"}\n.\n'


def test_what_the_server_refuses_is_told(receiver: Make) -> None:
    place = receiver()
    place.refused, place.answer = "gone@example.org", "451 later"
    assert send(mailer(place), to="gone@example.org") == (550, "nobody of that name")
    assert send(mailer(place)) == (451, "later")


def test_whoever_must_signs_in(receiver: Make) -> None:
    place = receiver(wants_login=True)
    assert send(mailer(place)).code == 530
    assert send(mailer(place, smtp_user=USER, smtp_password="wrong")).code == 535
    assert send(mailer(place, smtp_user=USER, smtp_password=PASSWORD)).code == 250


def test_the_way_is_private_and_the_server_is_the_one_that_was_named(
    receiver: Make, certificate: Path
) -> None:
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(certificate)
    place, trusting = receiver(tls=own), ssl.create_default_context(cafile=str(certificate))
    assert send(mailer(place, trusting, smtp_security="starttls")).code == 250
    with pytest.raises(DependencyError, match="certificate"):
        send(mailer(place, smtp_security="starttls"))
    private = receiver(tls=own, speaks_tls=True)
    assert send(mailer(private, trusting, smtp_security="tls")).code == 250
    with pytest.raises(DependencyError, match="certificate"):
        send(mailer(private, smtp_security="tls"))
    assert len(private.got) == 1
    plain = receiver()
    with pytest.raises(DependencyError, match="STARTTLS"):
        send(mailer(plain, smtp_security="starttls"))
    assert not plain.got


def test_nothing_is_sent_without_a_server_or_to_what_is_no_address(receiver: Make) -> None:
    with pytest.raises(DependencyError, match="smtp_host"):
        send(Mailer(Settings()))
    place = receiver()
    place.close()
    with pytest.raises(DependencyError, match="cannot be reached"):
        send(mailer(place))
    other = receiver()
    for to in ("a@b, c@d", "A <a@b>", "a@b\r\nRCPT TO:<c@d>", "a b@c"):
        assert not is_address(to)
        with pytest.raises(ValueError, match="plain"):
            send(mailer(other), to=to)
    with pytest.raises(ValueError, match="linefeed"):
        send(mailer(other), subject="a\r\nBcc: c@d")
    assert not other.got
