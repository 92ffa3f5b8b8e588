"""Places on earth: coordinate systems used in Flanders, geometries as texts, and an index over them."""
