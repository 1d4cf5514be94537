"""Portfolios: instruments by side, a portfolio's score, and the best ones under a budget.

``sides`` declares the instruments of each side and their costs by payer, ``horizons`` aggregates a
long run over its first years, ``surrogate`` predicts portfolios that have not been run and proposes
others, ``effectiveness_prior`` draws how much of the declared effect programmes have, ``search``
runs the proposals and selects among the portfolios that have been run, ``study`` scores them.
"""
