"""Who may do what: workspaces, members, roles, sessions, keys, webhooks, and the audit log."""
