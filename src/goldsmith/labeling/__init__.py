"""The work: tasks, judgements with leases, submissions, reviews, workflow."""
