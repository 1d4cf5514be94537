"""Agents of the model: migrants, organisations, Border Patrol, Mexican forces, and their laws."""
