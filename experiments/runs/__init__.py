"""Runs: a case and its result, paired seeds, intervals, warm-ups and inputs of a study."""
