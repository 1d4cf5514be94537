"""Experiments with the model, one package per task.

``runs`` runs cases and pairs them by seed. ``sweeps`` runs designs and stores their results.
``comparison`` compares policies with a baseline. ``validation`` and ``calibration`` compare the
model with the official record. ``studies`` contains studies with many runs, such as curves and
optimisation. ``scenarios`` loads scenarios. Importing ``experiments`` does not import these
packages.
"""
