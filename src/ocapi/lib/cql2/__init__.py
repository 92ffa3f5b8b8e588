"""CQL2, the language of filters over features (OGC 21-065r2), as text: a subset, read and judged by us."""
