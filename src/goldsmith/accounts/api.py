"""What other steps may import from accounts."""

from goldsmith.accounts.audit import AuditFault, AuditReport, audit
from goldsmith.accounts.gate import Gate, Ticket
from goldsmith.accounts.policy import check_signature, link_url
from goldsmith.accounts.service import AccountsService
from goldsmith.accounts.service.webhooks import emit
from goldsmith.accounts.store.operators import operator_access
from goldsmith.accounts.store.people import member_names
from goldsmith.accounts.types import (
    Access,
    Bootstrap,
    Credential,
    Invitation,
    KeyAccess,
    MemberKind,
    NewApiKey,
    Page,
    Principal,
    ProjectRoster,
    Role,
)

__all__ = [
    "Access",
    "AccountsService",
    "AuditFault",
    "AuditReport",
    "Bootstrap",
    "Credential",
    "Gate",
    "Invitation",
    "KeyAccess",
    "MemberKind",
    "NewApiKey",
    "Page",
    "Principal",
    "ProjectRoster",
    "Role",
    "Ticket",
    "audit",
    "check_signature",
    "emit",
    "link_url",
    "member_names",
    "operator_access",
]
