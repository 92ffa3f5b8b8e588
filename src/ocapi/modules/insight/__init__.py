"""Insight: what the service requests of an organization, and of its peers, say to policy makers."""
