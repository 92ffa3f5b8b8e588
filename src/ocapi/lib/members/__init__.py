"""Several processes of the data plane on machines of their own: who takes what in, and how they trust each other."""
