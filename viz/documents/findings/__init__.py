"""Pages of findings: the answer of ``twoborders ask`` in Markdown."""
