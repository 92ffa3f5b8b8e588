"""HTML and token pages of exchange, by subject."""
