"""Run times and memory of the model, the command line and the screen: ``python -m benchmarks``."""
