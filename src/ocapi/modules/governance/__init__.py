"""Governance: the principles a city steers by, each with the fact that measures it."""
