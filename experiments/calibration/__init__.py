"""Calibration: a sample of the uncertain parameters, anchored to the base year, and a fit.

`priors` says what is uncertain, `anchor` solves for the constants that hold the base year, `bank`
plays the sample (and can be resumed), `abc` fits and proves itself on synthetic worlds, `ensemble`
keeps the members that survived.
"""
