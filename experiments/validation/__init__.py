"""Validation: the official record, episodes, scores and simple forecasts."""
