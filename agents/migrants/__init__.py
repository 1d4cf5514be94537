"""Migrants: their columns, the same rows as Mesa agents, decisions and journeys."""
