"""Application profiles: shapes, context and code lists read together, pinned by hash, and linted."""
