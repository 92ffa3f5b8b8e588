"""Authentic sources exchange brings itself."""
