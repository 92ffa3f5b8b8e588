"""Journeys of citizens, clerks and integrators in a real browser against a real `ocapi up`."""
