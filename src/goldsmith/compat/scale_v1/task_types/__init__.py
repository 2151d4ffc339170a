"""Task types of Scale's API: what their parameters mean in goldsmith, and what goldsmith's labels mean in theirs.

Pure: parameters in, a ``CheckedTask`` out; a labelling in, a response in Scale's schema out; and back again.
``registry.TASK_TYPES`` is the one list.
"""
