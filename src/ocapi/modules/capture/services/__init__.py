"""What capture does, by subject; called by its door only."""
