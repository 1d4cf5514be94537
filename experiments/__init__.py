"""Experiments with the model: single runs, paired comparisons, sweeps and their evaluation.

``scenarios`` loads scenarios, ``case`` defines cases and results, ``run`` runs one case and
``pool`` many, ``compare`` pairs policies with a baseline, ``sweep`` runs designs and stores their
results, ``observed`` compares a run with the official record, ``bench`` measures computing cost.
Importing the package imports none of them.
"""
