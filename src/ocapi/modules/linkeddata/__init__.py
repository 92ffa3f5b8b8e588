"""Linked data: an application profile in, a running data service out."""
