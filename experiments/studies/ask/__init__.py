"""The question of the brief: does tighter U.S. border security require Mexico's cooperation?

``sizes`` sets the number of runs, ``stages`` runs them, ``verdict`` applies thresholds that were
fixed before any run, ``scenario_discovery`` finds conditions under which a claim fails, and
``answer`` combines the results.
"""
