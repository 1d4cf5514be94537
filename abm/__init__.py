"""The stage: one world, one day after the other, the ledger, the policies."""
