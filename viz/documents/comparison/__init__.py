"""The report of a comparison as a self-contained page, and its charts as single SVG files."""

from viz.documents.comparison.page import report_html

__all__ = ["report_html"]
