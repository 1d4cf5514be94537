"""Sensitivity of outcomes to uncertain parameters.

``inputs`` declares the parameters that vary. ``indices`` implements both methods. ``study`` runs
the points and computes each outcome's indices. Importing the package does not import these modules.
"""
