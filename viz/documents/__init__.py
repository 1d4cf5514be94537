"""Self-contained pages: the comparison report, the validation page and the findings."""
