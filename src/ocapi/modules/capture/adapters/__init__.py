"""What capture fills at extension points."""
