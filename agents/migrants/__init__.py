"""Migrants: columns that can be used as Mesa agents, decisions, journeys."""
