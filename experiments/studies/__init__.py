"""Studies: curves, effects, sensitivity, optimisation and the question of the brief."""
