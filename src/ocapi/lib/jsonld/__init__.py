"""JSON-LD 1.1 with a context that is known beforehand: read once into a table of terms, never fetched."""
