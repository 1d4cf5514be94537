"""Pages of the screen. Each page is a component that takes the visitor's session."""
