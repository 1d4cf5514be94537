"""Sweeps: designs, the store of results, and the executors that run the cases."""
