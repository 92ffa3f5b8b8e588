"""What outsiders send to break in, to stop the service, or to reach the network through it."""
