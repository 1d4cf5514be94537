"""Measure run times and memory of model, command line and screen: ``python -m benchmarks``."""
