"""Desk pages of rules: decision models, and the tables that are being worked on."""
