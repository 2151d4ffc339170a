"""SQL of accounts: people, the ways in (sessions, links, keys), webhooks."""
