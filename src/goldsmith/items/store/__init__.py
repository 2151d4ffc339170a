"""All SQL of items.

Which items a project has, their state and their classes are told by the tables of labelling and quality, which stand
above: they are read here by name, so that a page of the grid is one statement.
"""
