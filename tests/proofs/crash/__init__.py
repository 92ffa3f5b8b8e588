"""Kills at every named crash point and at random moments, judged by a ledger that stands outside."""
