"""Many answers made one."""
