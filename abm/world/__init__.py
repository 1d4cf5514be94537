"""The route graph (`routes`) and the packaged data (`geography`)."""
