"""Experiments with the model, one package per task.

``runs`` runs cases and pairs them by seed, ``sweeps`` runs designs and stores their results,
``comparison`` compares policies with a baseline, ``validation`` and ``calibration`` compare the
model with the official record, ``studies`` answers a question with many runs. ``scenarios`` loads
scenarios. Importing the package imports none of them.
"""
