"""The goldsmith command; thin."""
