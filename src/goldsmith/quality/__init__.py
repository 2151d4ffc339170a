"""How far a label can be trusted: gold, consensus and skill at work on a project."""
