"""What linkeddata fills of others."""
