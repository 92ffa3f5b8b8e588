"""The identity provider that plays ACM/IDM in demos and tests.

A process of its own, never part of production.
"""
