"""Sweeps: designs, stores for results, and executors that run the cases."""
