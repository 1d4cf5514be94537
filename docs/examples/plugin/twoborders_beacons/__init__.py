"""Example of a package that adds a policy, a class of agents and a scenario to Two Borders."""

from pathlib import Path

SCENARIO = Path(__file__).parent / "beacons.toml"
