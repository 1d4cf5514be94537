"""Migrants: columns that are honest Mesa agents, decisions, journeys."""
