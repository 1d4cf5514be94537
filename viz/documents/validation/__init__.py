"""A validation as a self-contained page: misses first, charts with the record."""
