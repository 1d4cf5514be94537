"""Portfolios: instruments by side, scores, and the best portfolios under a budget.

``sides`` declares each side's instruments and their costs by payer. ``horizons`` aggregates a long
run over its first years. ``surrogate`` predicts outcomes for portfolios that have not been run, and
proposes new portfolios. ``effectiveness_prior`` draws the ratio of a programme's effect to its
declared effect. ``search`` runs the proposals and selects among the portfolios that have been run.
``study`` scores the selection.
"""
