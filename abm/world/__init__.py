"""The route graph (`routes`) and the recorded data (`geography`, `ports_record`)."""
