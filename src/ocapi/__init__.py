"""OCAPI: the open city platform. The layers and what may import what stand in `.importlinter`."""

__version__ = "0.1.0"
