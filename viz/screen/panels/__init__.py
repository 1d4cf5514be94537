"""The parts of the Compare screen, each a component that is given the visitor's session."""
