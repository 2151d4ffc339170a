"""From any answer back to its evidence, and from any evidence forward to what learnt from it."""
