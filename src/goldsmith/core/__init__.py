"""What a label is: ontology, annotations, geometry, ids, time and errors. Pure; imports nothing of goldsmith."""
