"""What council fills of others."""
