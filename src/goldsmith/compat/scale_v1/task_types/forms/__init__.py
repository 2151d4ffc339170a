"""Forms: fields that become item-level questions, and the task types that are made of them."""
