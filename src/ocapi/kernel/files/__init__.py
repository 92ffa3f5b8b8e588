"""Blobs by SHA-256: received while streaming, checked, kept in quarantine until scanned,
released by policy.
"""
