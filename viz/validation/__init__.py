"""A validation as a self-contained page: misses first, pictures beside the record."""

from viz.validation.page import validation_html

__all__ = ["validation_html"]
