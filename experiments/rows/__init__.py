"""Rows of every result as plain data; the terminal, pages, CSV and JSON files render them."""
