"""Facts in commit order: written with the change, read by handlers, subscribers and the bus."""
