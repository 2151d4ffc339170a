"""Bodies of what is labelled, built from numbers."""
