"""Ten times more than can be served: shed before any promise, in turn of the organizations."""
