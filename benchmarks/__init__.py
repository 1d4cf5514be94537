"""Measure the speed and memory of model, command line and screen (``python -m benchmarks``)."""
