"""Pure numbers: arrays in, arrays out."""
