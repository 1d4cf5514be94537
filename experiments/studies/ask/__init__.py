"""The question of the brief: does tighter U.S. border security require Mexico's cooperation?

``sizes`` sets the budgets and effort, ``stages`` plans and runs the questions in every regime and
variant, ``rate_cells`` and ``verdict`` apply thresholds that were fixed before any run,
``conditions`` finds the numbers that move or turn a claim, and ``answer`` combines the results.
"""
