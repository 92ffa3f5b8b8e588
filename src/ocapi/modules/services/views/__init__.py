"""Desk pages of the catalogue: what the region offers, and our own instances of it."""
