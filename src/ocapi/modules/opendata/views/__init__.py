"""Pages and interfaces of opendata."""
