"""Scale's task API, v1: projects, batches, tasks, files and teams over goldsmith's own services."""
