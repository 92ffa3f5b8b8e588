"""Organizations, the binding of one of them to the running code, their databases, keys and column types."""
