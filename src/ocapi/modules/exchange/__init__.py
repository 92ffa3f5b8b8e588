"""Exchange: machine accounts, access tokens, authentic sources behind a door, and the policy snapshot."""
