"""Capture: the control side of sensors: streams, and the hourly rows their readings roll up into."""
