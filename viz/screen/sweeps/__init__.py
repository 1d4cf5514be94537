"""Sweeps that are started and watched on the screen."""
