"""Labelling goals: ontology, instructions, workflow, batches; each versioned."""
