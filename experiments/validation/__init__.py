"""Validation: the official record, episodes, scores and naive forecasts."""
