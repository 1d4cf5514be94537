"""Studies: curves, effects, sensitivity, optimisation and the brief's question."""
