"""The question of the brief: does tighter U.S. border security require Mexico's cooperation?

``sizes`` sets the budgets and effort, ``stages`` plans and runs the questions in every regime and
variant. ``verdict`` holds the thresholds, which were fixed before any run, and ``rate_cells``
applies them. ``answer`` combines the results and tests which numbers move or turn a claim.
"""
