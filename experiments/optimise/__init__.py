"""Portfolios: who may buy what, how well a portfolio does, and the best ones under a budget.

``sides`` says what each side may buy and what it costs whom, ``horizons`` reads a long run over its
first years, ``surrogate`` guesses what has not been played, ``front`` searches on those guesses,
``search`` plays what looks best and chooses among what was played.
"""
