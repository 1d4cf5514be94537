"""Rows of every result as plain data. The terminal, pages, CSV and JSON files render them."""
