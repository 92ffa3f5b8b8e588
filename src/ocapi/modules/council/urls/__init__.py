"""Addresses of council: what everybody sees, and the desk."""
