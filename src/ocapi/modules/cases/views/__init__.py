"""Desk pages of cases: the worklist, one case, and what a clerk does to it."""
