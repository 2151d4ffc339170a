"""The ASGI application: error mapping, static web UI, health, metrics."""
