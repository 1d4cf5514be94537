"""Widgets that the browser draws: maps, charts, the time line, lists, fields and the page."""
