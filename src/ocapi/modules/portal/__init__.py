"""Portal: the citizen's site, from finding a service to seeing who looked at one's data."""
