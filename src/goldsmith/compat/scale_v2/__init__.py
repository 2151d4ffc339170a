"""Scale's API, second version: the same projects, batches and tasks in its stricter words."""
