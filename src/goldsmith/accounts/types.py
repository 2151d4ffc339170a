"""Who may do what: roles, the credential a request carries, and the access it opens."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, Generic, Literal, NamedTuple, Protocol, TypeVar

from goldsmith.core.model import Model
from goldsmith.platform.database import Transaction

T = TypeVar("T")

SESSION_COOKIE: Final = "goldsmith_session"
CSRF_HEADER: Final = "X-CSRF-Token"
KEY_PREFIX: Final = "gsk_"

MemberKind = Literal["person", "service", "simulated", "model"]
KeyMode = Literal["live", "test"]


class Role(StrEnum):
    """What a member may do; each role may do all that the ones below it may."""

    OWNER = "owner"
    MANAGER = "manager"
    REVIEWER = "reviewer"
    ANNOTATOR = "annotator"
    VIEWER = "viewer"

    @property
    def rank(self) -> int:
        """Return 0 for a viewer up to 4 for an owner."""
        return _RANKS[self]

    def allows(self, needed: Role) -> bool:
        """Say whether this role may do what ``needed`` may."""
        return _RANKS[self] >= _RANKS[needed]


_RANKS: Final[dict[Role, int]] = {
    Role.VIEWER: 0,
    Role.ANNOTATOR: 1,
    Role.REVIEWER: 2,
    Role.MANAGER: 3,
    Role.OWNER: 4,
}

SEES_ALL_PROJECTS: Final = Role.MANAGER
"""From this role on a member sees every project of the workspace; below it, those it was added to."""


class Credential(NamedTuple):
    """What a request carries to say who sends it; not checked yet."""

    kind: Literal["session", "key"]
    token_hash: str
    """sha256 of the secret, in hex; the secret itself goes no further than the edge."""
    csrf: str | None
    """The CSRF header, when there was one; counts only for sessions."""
    method: str
    """The HTTP method; GET, HEAD and OPTIONS need no CSRF token."""


class Access(NamedTuple):
    """A member, checked, at the thing the request is about."""

    workspace_id: str
    member_id: str
    user_id: str | None
    """None for services and simulated members."""
    name: str
    role: Role
    project_id: str | None
    """The project the thing belongs to; None for what belongs to the workspace."""
    kind: MemberKind = "person"


class KeyAccess(NamedTuple):
    """The member behind an API key, in the key's own workspace."""

    access: Access
    is_test: bool
    """Whether the key is for tests: what it makes and sees is kept apart from everything else."""


class Principal(NamedTuple):
    """Who is signed in, whatever the request is about."""

    kind: Literal["session", "key"]
    user_id: str | None
    """None when a key of a service or simulated member was used."""
    member_id: str | None
    """The member a key is bound to; None for sessions, which hold for all workspaces of the user."""
    workspace_id: str | None
    csrf_token: str | None
    token_hash: str


class ProjectRoster(Protocol):
    """What accounts ask of the projects above them: an invitation may bring somebody into projects."""

    def check_projects(self, tx: Transaction, *, workspace_id: str, project_ids: Sequence[str]) -> None:
        """Raise ``NotFoundError`` when one of the projects is not in the workspace."""
        ...

    def add_to_projects(
        self, tx: Transaction, *, project_ids: Sequence[str], member_id: str, added_by: str, at_ms: int
    ) -> None:
        """Add the member to each project; being in already is fine."""
        ...


class Page(Model, Generic[T]):
    """One page of a list.

    Attributes:
        items: The rows.
        next_cursor: Send it as ``cursor`` for the next page; None on the last one.
    """

    items: list[T]
    next_cursor: str | None = None


class User(Model):
    """A person with a login."""

    user_id: str
    email: str
    name: str


class Membership(Model):
    """A workspace the user is a member of."""

    workspace_id: str
    workspace_name: str
    member_id: str
    role: Role


class Me(Model):
    """Who is signed in.

    Attributes:
        user: None when the key of a service or simulated member was used.
        memberships: Of a key: the one it is bound to.
        csrf_token: For the CSRF header of unsafe requests; None for keys.
    """

    user: User | None
    memberships: list[Membership]
    csrf_token: str | None


class Workspace(Model):
    """A tenant."""

    workspace_id: str
    name: str
    created_ms: int


class Member(Model):
    """A person or service in a workspace."""

    member_id: str
    name: str
    email: str | None
    kind: MemberKind
    role: Role
    created_ms: int


class Invitation(Model):
    """An invitation that was not used yet."""

    invitation_id: str
    email: str
    role: Role
    project_ids: list[str]
    created_by: str
    created_ms: int
    expires_ms: int


class NewInvitation(Model):
    """An invitation as its maker sees it, once."""

    invitation: Invitation
    url: str
    token: str


class InvitationPreview(Model):
    """What the invited sees before accepting."""

    email: str
    workspace_name: str
    role: Role
    has_account: bool


class ApiKey(Model):
    """An API key, without its secret."""

    key_id: str
    name: str
    hint: str
    mode: KeyMode
    member_id: str
    member_name: str
    created_ms: int
    expires_ms: int | None
    revoked_ms: int | None


class NewApiKey(Model):
    """An API key as its maker sees it, once."""

    key: ApiKey
    secret: str


class NewMember(Model):
    """A service or simulated member, with its first key when one was asked for."""

    member: Member
    key: NewApiKey | None


class BrowserSession(Model):
    """A session of the signed-in user."""

    session_id: str
    created_ms: int
    expires_ms: int
    user_agent: str
    is_current: bool


class AuditEntry(Model):
    """One row of the audit log."""

    sequence: int
    at_ms: int
    actor: str
    actor_name: str | None
    action: str
    target: str
    detail: dict[str, Any]
    hash: str


class Webhook(Model):
    """A subscription, without its secret."""

    webhook_id: str
    url: str
    events: list[str]
    is_active: bool
    created_ms: int


class NewWebhook(Model):
    """A subscription as its maker sees it, once."""

    webhook: Webhook
    secret: str


class Delivery(Model):
    """One event told to one URL, with how it went."""

    delivery_id: str
    event: str
    body: dict[str, Any]
    state: Literal["waiting", "delivered", "failed"]
    created_ms: int
    attempts: int
    delivered_ms: int | None
    last_status: int | None
    last_error: str | None


class Bootstrap(NamedTuple):
    """The first owner of an installation."""

    user_id: str
    workspace_id: str
    member_id: str


class NewSession(NamedTuple):
    """A fresh browser session; the token goes into the cookie and nowhere else."""

    token: str
    csrf_token: str
    user_id: str
    expires_ms: int
