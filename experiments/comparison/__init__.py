"""Comparison: policies against a baseline on the same seeds."""
