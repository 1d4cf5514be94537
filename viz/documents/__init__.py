"""Documents: the comparison report, the validation page, the findings and reference pages."""
