"""A validation as a self-contained page: misses first, charts with the record."""

from viz.documents.validation.page import validation_html

__all__ = ["validation_html"]
