"""Fills extension points of lower modules."""
