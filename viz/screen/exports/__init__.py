"""Exports from a `View`: tables, images, a replay and scenarios."""
