"""Widgets that are drawn in the browser: the map of flows, charts, the time line, and the page."""
