"""Sensitivity: the uncertain parameters that an outcome depends on.

``inputs`` declares the parameters that vary, ``indices`` implements the two methods, ``study`` runs
the points and computes each outcome's indices. Importing the package loads nothing else.
"""
