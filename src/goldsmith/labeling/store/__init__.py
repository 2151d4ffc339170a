"""All SQL of labelling: the queue, tasks, submissions, and the pages people read."""
