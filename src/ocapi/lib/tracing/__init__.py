"""One trace through the processes: the id that all of it bears, and spans where somebody asked for them."""
