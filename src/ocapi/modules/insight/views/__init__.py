"""Pages of insight: the dashboard, a domain, a service, the comparison, and the same numbers as a file."""
