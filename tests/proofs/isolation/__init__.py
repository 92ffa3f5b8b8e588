"""Nothing of one organization reaches another: every operation, party, route and place of an identifier."""
