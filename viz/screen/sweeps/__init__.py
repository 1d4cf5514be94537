"""Sweeps that visitors plan, start and watch on the screen."""
