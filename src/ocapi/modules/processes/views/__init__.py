"""Desk pages of processes: what is deployed, what runs, what broke, and the tasks that wait."""
