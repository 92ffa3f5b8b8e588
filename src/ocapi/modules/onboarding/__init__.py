"""Onboarding: what a local authority does, as reference processes to follow or deviate from."""
