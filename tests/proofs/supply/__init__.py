"""What we are made of: every package locked by hash, listed, and matched against known advisories."""
