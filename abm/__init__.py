"""The model: the world, the simulated day and its phases, scenarios, policies and the ledger."""
