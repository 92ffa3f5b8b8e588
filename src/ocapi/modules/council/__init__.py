"""Meetings, agendas, decisions, votes and mandates of governing bodies, published as linked data (LBLOD)."""
