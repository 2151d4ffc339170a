"""Each headline number has a script here that prints ours beside the peer's."""
