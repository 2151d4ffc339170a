"""All SQL of Scale's protocol; where a task stands is read from the tables of the steps below, by name."""
