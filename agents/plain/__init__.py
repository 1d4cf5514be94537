"""The plain engine: one Mesa agent per migrant, in ordinary Python, for reading and comparison.

Agents follow the same rules and use the same keyed draws as the compiled loop over columns
(`agents.migrants.kernels`), which is implemented separately. Both engines produce the same daily
record. `tests/laws/test_two_engines.py` compares them in random scenarios.
"""
