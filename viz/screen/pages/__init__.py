"""The pages of the screen, each a component that is given the visitor's session."""
