"""The Solara user interface: pages, panels, widgets, lessons, exports and one visitor's session."""
