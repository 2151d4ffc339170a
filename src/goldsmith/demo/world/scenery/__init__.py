"""What stands along the street and is not labelled."""
