"""The clock skewed, set back and carried over the nights that have no 2:30, or two."""
