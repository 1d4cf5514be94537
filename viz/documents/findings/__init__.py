"""The answer to the brief's question for a person: a page, its tables, and the frontier picture."""
