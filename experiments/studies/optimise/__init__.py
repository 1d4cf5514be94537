"""Portfolios: instruments by side, scores, and the best portfolios under a budget.

``sides`` declares the instruments of each side and their costs by payer, ``horizons`` aggregates a
long run over its first years, ``surrogate`` predicts the outcomes of portfolios that have not been
run and proposes new portfolios, ``effectiveness_prior`` draws the share of the declared effect that
programmes have, ``search`` runs the proposals and selects among the portfolios that have been run,
and ``study`` scores the selection.
"""
