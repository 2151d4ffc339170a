"""Pure decisions of items: what a record says, how labels fit an ontology and an image, which bytes are asked for."""
