"""Portfolios: instruments by side, the score of a portfolio, and the best ones under a budget.

``sides`` declares the instruments of each side and their costs by payer, ``horizons`` aggregates a
long run over its first years, ``surrogate`` predicts portfolios that have not been run, ``front``
optimises these predictions, ``search`` runs the proposals and selects among the portfolios that
have been run.
"""
