"""Screens of the form designer at the desk."""
