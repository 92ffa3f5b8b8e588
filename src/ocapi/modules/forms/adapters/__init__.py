"""Providers this module registers at extension points of its own and of the kernel."""
