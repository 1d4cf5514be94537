"""The cast: migrants, smuggling organisations, Border Patrol, Mexican forces, and their laws."""
