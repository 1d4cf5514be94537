"""The phases of a simulated day, one module for each group of steps in :mod:`abm.schedule`."""
