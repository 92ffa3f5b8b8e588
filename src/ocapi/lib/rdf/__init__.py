"""Linked data: parsing without a network, in the terms of our own small types."""
