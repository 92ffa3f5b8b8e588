"""Several processes of the data plane: who takes what in, and how they trust each other."""
