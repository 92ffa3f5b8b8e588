"""Faults of what the product stands on: a full disk, a database or bus that goes away, bytes that rot."""
