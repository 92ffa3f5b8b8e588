"""Pages of council: what everybody sees, and the desk of the secretary."""
