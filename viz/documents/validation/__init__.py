"""Validation as a self-contained page, and the packaged results that the screen shows."""
