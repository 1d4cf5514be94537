"""Studies: curves, effects, sensitivity, optimisation, forecasts, and the brief's question."""
