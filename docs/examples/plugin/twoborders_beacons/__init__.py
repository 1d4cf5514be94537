"""Example of a package that adds a policy, agents, a world and a scenario to Two Borders."""

from pathlib import Path

SCENARIO = Path(__file__).parent / "beacons.toml"
WORLD = Path(__file__).parent / "valley"
