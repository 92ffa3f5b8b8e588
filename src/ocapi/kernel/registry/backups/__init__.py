"""Backups: states of organizations as signed records on a target that can be added to and nothing else.

docs/operations/backup.md is the operator's page.
"""
