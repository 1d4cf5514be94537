"""From the words of the command line to a scenario, policies and seeds, all checked."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from abm.scenario import PolicySpec, Scenario, SettingError, parse_policy, parse_set
from abm.supply_series import season
from abm.world.routes import WorldError, load_world
from experiments.compare import Portfolio, policies_of
from experiments.scenarios import find
from viz.cli.shell import say

LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Words:
    """What was given on the command line and is common to ``run`` and ``compare``."""

    scenario: str = "baseline"
    policies: Sequence[str] = ()
    days: int | None = None
    scale: int | None = None
    seed: int = 1
    reps: int = 1
    sets: Sequence[str] = ()
    world: Path | None = None

    @property
    def seeds(self) -> range:
        """One seed for every repetition."""
        if self.seed + self.reps - 1 > LARGEST_SEED:
            hint = f"Keep --seed plus --reps below {LARGEST_SEED}."
            raise SettingError("--seed", f"{self.seed} leaves no room for the seeds", hint)
        return range(self.seed, self.seed + self.reps)

    def coarse(self, scale: int) -> Words:
        """The same at a command's own scale, where nobody says another."""
        given = {text.partition("=")[0].strip() for text in self.sets}
        if self.scale is not None or "scale" in given:
            return self
        return dataclasses.replace(self, scale=scale)

    def command(self, name: str) -> list[str]:
        """The words that give the same answer again; where it is written is left out."""
        words = ["twoborders", name, "--scenario", self.scenario]
        for option, value in (("days", self.days), ("scale", self.scale), ("world", self.world)):
            words += [f"--{option}", str(value)] if value is not None else []
        words += ["--seed", str(self.seed), "--reps", str(self.reps)]
        for text in self.sets:
            words += ["--set", text]
        return words


def typed(several: Mapping[str, Sequence[str]], single: Mapping[str, object]) -> list[str]:
    """Options as they are typed: those given several times, and single ones that are not None."""
    words = [word for option, texts in several.items() for text in texts for word in (option, text)]
    for option, value in single.items():
        words += [option, str(value)] if value is not None else []
    return words


def read_scenario(words: Words) -> Scenario:
    """The scenario with --days, --scale, --world and --set laid over it, and checked whole."""
    scenario = find(words.scenario)
    changes: dict[str, object] = {}
    given = [
        ("days", words.days),
        ("scale", words.scale),
        ("world", str(words.world) if words.world else None),
    ]
    for path, value in [*(g for g in given if g[1] is not None), *map(parse_set, words.sets)]:
        if path in changes:
            raise SettingError(path, "it is set twice", "Set it once.")
        changes[path] = value
    scenario = scenario.with_settings(changes)
    season(scenario.supply)
    _check_world(scenario.world)
    _check_policies(scenario, scenario.policies)
    return scenario


def read_policies(scenario: Scenario, texts: Sequence[str]) -> list[Portfolio]:
    """Read ``id[:dose][@from[..to]]``, several joined by + as one portfolio, and check them."""
    arms = [_portfolio(text) for text in texts]
    for uses in arms:
        _check_policies(scenario, uses)
    return arms


def _portfolio(text: str) -> Portfolio:
    """One policy, or several joined by + (which also stands in 1e+3)."""
    return tuple(parse_policy(part) for part in re.split(r"\+(?=[a-z])", text))


def _check_policies(scenario: Scenario, uses: Sequence[PolicySpec]) -> None:
    """Make every policy once, so that what cannot be made is refused; warn of idle ones."""
    end = scenario.start + datetime.timedelta(days=scenario.days)
    policies_of(scenario, uses)
    for use in uses:
        if (use.start or scenario.start) >= end or (use.end or end) <= scenario.start:
            say(f"warning: {use} is never in force in a run from {scenario.start} to before {end}.")


def _check_world(folder: str) -> None:
    """Load another world once, so that a broken one is refused before anything runs."""
    try:
        load_world(folder or None)
    except WorldError as error:
        raise SettingError("--world", f"{folder}: {error}", "Mend the file it names.") from None
