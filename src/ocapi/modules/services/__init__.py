"""Services: the public service catalogue of an organization, its own texts and imported LPDC concepts."""
