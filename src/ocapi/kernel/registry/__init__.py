"""Manifests of modules: what the platform knows of itself, checked before it runs."""
