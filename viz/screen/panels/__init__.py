"""Panels of the pages Compare, Learn and Sweep. Most components take the visitor's session."""
