"""Comparison of policies with a baseline on the same seeds."""
