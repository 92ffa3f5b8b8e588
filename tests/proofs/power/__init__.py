"""Power cuts and failing calls, on every database of record and every kind of file of record."""
