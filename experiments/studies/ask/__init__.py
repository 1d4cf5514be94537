"""The question of the brief: does tighter U.S. border security require Mexico's cooperation?

``sizes`` sets budgets and effort. ``stages`` plans and runs the question in every regime and
variant. ``verdict`` contains the thresholds, which were fixed before any run, and ``rate_cells``
applies them. ``answer`` combines the results and tests which numbers move or turn a claim.
"""
