"""What moves on the screen: a map of flows and a chart of days, drawn by two small scripts."""
