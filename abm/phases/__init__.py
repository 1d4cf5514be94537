"""The phases in a simulated day, one module per group of steps in :mod:`abm.schedule`."""
