"""Connectors that ship with the platform."""
