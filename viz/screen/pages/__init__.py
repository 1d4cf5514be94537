"""The pages of the screen; each is a component that takes the visitor's session."""
