"""The product's own demonstration: a generated world, simulated annotators, the whole loop."""
