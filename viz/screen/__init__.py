"""Solara user interface: pages, panels, widgets, lessons, exports and the visitor's session."""
