"""The proof of exchange: what comes twice, late, in another order or changed has its effect once."""
