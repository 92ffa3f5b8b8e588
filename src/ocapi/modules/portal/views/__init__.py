"""Pages of the citizen's site."""
