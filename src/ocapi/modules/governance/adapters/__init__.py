"""What governance fills at extension points."""
