"""Readers of files as others publish them, each into the rows of one dataset. Bad rows are told by line."""
