"""Who may do what: roles, the credential a request carries, and the access it opens."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal, NamedTuple

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
