"""What moves on the screen: a map of flows and a chart of days, drawn by small scripts of our own."""
