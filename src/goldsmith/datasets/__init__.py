"""Immutable, content-hashed versions of items with their labels; splits, diffs, exports, loaders."""
