"""The brief's question: does tighter U.S. border security require Mexico's cooperation?

``sizes`` says how much is played, ``stages`` plays it, ``verdict`` judges by thresholds that were
fixed before any run, ``boxes`` finds where the claim fails, ``answer`` puts it together.
"""
