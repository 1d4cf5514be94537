"""World for a run: the route graph (`routes`) and the packaged data (`geography`)."""
