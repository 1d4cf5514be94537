"""Calibration: a sample of the uncertain parameters, anchored to the base year, and a fit.

``priors`` declares the uncertain parameters. ``anchoring`` solves for the constants that reproduce
the base year. ``draws`` runs the sample and stores it so that it can be resumed. ``emulator`` fits
the sample and checks the fit on synthetic data. ``doses`` determines each episode's doses.
``supply_fit`` estimates the supply terms. ``ensemble`` stores the resulting members. ``calibrate``
runs all stages.
"""
