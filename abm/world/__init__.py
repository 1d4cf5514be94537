"""The stage itself: the route graph (`routes`) and the figures of the record (`geography`)."""
