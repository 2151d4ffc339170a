"""What the routes of accounts are sent."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, Field, StringConstraints

from goldsmith.accounts.types import KeyMode, MemberKind, Role
from goldsmith.core.model import Model

Limit = Annotated[int, Query(ge=1, le=500, description="Rows in a page.")]
Cursor = Annotated[str, Query(max_length=100, description="next_cursor of the page before.")]


def _without_controls(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("it holds control characters; leave them out")
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_without_controls),
]
Email = Annotated[str, StringConstraints(min_length=3, max_length=320)]
Password = Annotated[str, Field(max_length=1024, json_schema_extra={"format": "password"})]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Setup(Model):
    """Makes the first owner and workspace."""

    token: Token
    email: Email
    name: Name
    password: Password
    workspace_name: Name


class Login(Model):
    """Signs in by password."""

    email: Email
    password: Password


class Link(Model):
    """Carries the token of a one-time link."""

    token: Token


class Acceptance(Model):
    """Accepts an invitation; the password is the account's when there is one, else a new one."""

    token: Token
    name: Name
    password: Password


class PasswordChange(Model):
    """Changes the password; the current one is needed when there is one."""

    current_password: Password | None = None
    new_password: Password


class Rename(Model):
    """Changes a name."""

    name: Name


class Preferences(Model):
    """Preferences of the workbench: theme, key map, ..."""

    preferences: dict[str, Any]


class RoleChange(Model):
    """Gives another role."""

    role: Role


class MemberAddition(Model):
    """Adds a service or a simulated annotator."""

    name: Name
    kind: MemberKind
    role: Role
    with_key: bool = False


class InvitationRequest(Model):
    """Invites somebody."""

    email: Email
    role: Role
    project_ids: Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=200)] = []


class KeyRequest(Model):
    """Asks for an API key; for oneself, or for a service or simulated member."""

    name: Name
    mode: KeyMode = "live"
    lasts_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    member_id: Annotated[str, StringConstraints(max_length=40)] | None = None


class WebhookRequest(Model):
    """Subscribes a URL."""

    url: Annotated[str, StringConstraints(max_length=2048)]
    events: Annotated[list[Annotated[str, StringConstraints(max_length=130)]], Field(max_length=100)] = ["*"]


class WebhookChange(Model):
    """Changes what is given of a subscription."""

    url: Annotated[str, StringConstraints(max_length=2048)] | None = None
    events: (
        Annotated[list[Annotated[str, StringConstraints(max_length=130)]], Field(max_length=100)] | None
    ) = None
    is_active: bool | None = None


class Verification(Model):
    """What verifying the audit log found."""

    is_intact: bool
    rows: int
    head_hash: str
    fault: dict[str, Any] | None = None
