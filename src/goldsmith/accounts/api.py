"""What other steps may import from accounts."""

from goldsmith.accounts.audit import AuditFault, AuditReport, audit
from goldsmith.accounts.gate import Gate, Ticket
from goldsmith.accounts.store import member_names
from goldsmith.accounts.types import Access, Credential, MemberKind, Principal, Role
from goldsmith.accounts.webhooks import emit

__all__ = [
    "Access",
    "AuditFault",
    "AuditReport",
    "Credential",
    "Gate",
    "MemberKind",
    "Principal",
    "Role",
    "Ticket",
    "audit",
    "emit",
    "member_names",
]
