"""What exchange does, by subject; called by its door only."""
