"""Running the play: single runs, paired comparisons, the official statistics beside them.

``scenarios`` finds what a run is told, ``run`` plays it (one case or many), ``compare`` pairs
policies with a baseline, ``observed`` sets the record beside a run, ``bench`` measures cost.
Importing the package loads nothing else.
"""
