"""A scenario: everything that a run is told, as one frozen tree of settings.

The groups are assembled here and nowhere else; each group lives beside the actor that
uses it. ``load_scenario`` reads TOML, ``Scenario.to_toml`` writes it, ``digest`` tells
two scenarios apart. Files and names are found by ``experiments.scenarios``.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from abm.scenario.policy_specs import PolicySpec, parse_policy, read_policies, write_policies
from abm.scenario.toml_text import read_toml, read_value, write_toml
from abm.scenario.tree import (
    Row,
    Tree,
    build,
    overlay,
    parameters,
    read_date,
    read_line,
    read_text,
    setting,
)
from agents.aid_pipeline import AidParams
from agents.border_patrol import BorderPatrolParams
from agents.consequences import ConsequenceParams
from agents.contest import ContestParams
from agents.gendarmes import GendarmeParams
from agents.governments import GovernmentParams
from agents.migrants.migrant_params import MigrantParams
from agents.origin_countries import PushParams
from agents.param import SettingError, param, plain
from agents.ports import PortParams
from agents.routing import RouteParams
from agents.smugglers import SmugglerParams, TradeParams
from agents.strategy import StrategyParams

__all__ = [
    "PolicySpec",
    "Row",
    "Scenario",
    "SettingError",
    "build",
    "load_scenario",
    "parameters",
    "parse_policy",
    "parse_set",
]

_CHOICE = "choice of the experiment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Tree):
    """Everything that a run is told, apart from its seed.

    However it is made, every value is checked: a bad one raises ``SettingError``.
    """

    name: str = setting("unnamed", doc="Name of the scenario, one line.", read=read_line)
    doc: str = setting("", doc="What the scenario is for.", read=read_text)
    start: datetime.date = setting(
        datetime.date(2012, 10, 1), doc="First day that counts, after the warm-up.", read=read_date
    )
    days: int = param(
        1095,
        unit="days",
        low=1,
        high=36_500,
        source=_CHOICE,
        doc="Days that are simulated and counted.",
    )
    scale: int = param(
        20,
        unit="persons per simulated migrant",
        low=1,
        high=1000,
        source=_CHOICE,
        doc="Persons that one simulated migrant stands for; 1, 10 and 100 are recommended.",
    )
    warmup_days: int = param(
        540,
        unit="days",
        low=0,
        high=3_650,
        doc="Days simulated before the start and discarded, so that beliefs and flows settle.",
    )
    fill_days: int = param(
        60,
        unit="days",
        low=0,
        high=3_650,
        doc="Last days of the warm-up that run at the full scale; more than the warm-up is all.",
    )
    supply: str = setting(
        "fy2013",
        doc="Name of the supply series: who could set out, by origin, kind and month.",
        read=read_line,
    )
    record: str = param(
        "base_year",
        unit="name",
        low=0,
        high=0,
        choices=("base_year", "history"),
        source=_CHOICE,
        doc="Whether staff, barrier, detention and consequences stay or follow the record.",
    )
    supply_level: float = param(
        1.0,
        unit="multiple of the supply series",
        low=0.0,
        high=20.0,
        source=_CHOICE,
        doc="Factor on the whole supply series.",
    )
    world: str = setting(
        "",
        doc="Folder of another world (places and legs); empty for the packaged one.",
        read=read_text,
    )
    policies: tuple[PolicySpec, ...] = setting(
        (),
        doc="Policies in force, in no order; none is the status quo.",
        read=read_policies,
        write=write_policies,
    )
    migrants: MigrantParams = field(default_factory=MigrantParams)
    routes: RouteParams = field(default_factory=RouteParams)
    smugglers: SmugglerParams = field(default_factory=SmugglerParams)
    border_patrol: BorderPatrolParams = field(default_factory=BorderPatrolParams)
    mexico: GendarmeParams = field(default_factory=GendarmeParams)
    contest: ContestParams = field(default_factory=ContestParams)
    consequences: ConsequenceParams = field(default_factory=ConsequenceParams)
    ports: PortParams = field(default_factory=PortParams)
    push: PushParams = field(default_factory=PushParams)
    governments: GovernmentParams = field(default_factory=GovernmentParams)
    aid: AidParams = field(default_factory=AidParams)
    strategy: StrategyParams = field(default_factory=StrategyParams)
    trade: TradeParams = field(default_factory=TradeParams)

    def to_toml(self, *, full: bool = False, annotated: bool = False) -> str:
        """Write the scenario as TOML: only differences from the defaults, unless ``full``.

        ``annotated`` adds meaning, unit, bounds and source of every parameter as comments.
        """
        return write_toml(self, full=full, annotated=annotated)


def load_scenario(
    text_or_mapping: str | Mapping[str, Any],
    origin: str = "scenario",
    extends: Callable[[str], Scenario] | None = None,
) -> Scenario:
    """Read a scenario from TOML text or from a mapping of the same form.

    ``origin`` names the file in error texts. ``extends`` finds the scenario that an
    ``extends = "other"`` line names; the file's own settings are laid over that one.
    Raises ``SettingError``, and nothing else, whatever the text holds.
    """
    given = text_or_mapping
    given = read_toml(given, origin) if isinstance(given, str) else dict(given)
    try:
        base = _base(given, extends)
        return overlay(base, given)
    except SettingError as error:
        # an error of the file that this one extends already names that file
        from_file = error.origin or origin
        raise SettingError(error.path, error.reason, error.hint, from_file) from None


def parse_set(text: str) -> tuple[str, Any]:
    """Read ``path=value`` of the command line into what ``with_settings`` takes.

    The value is TOML (``0.4``, ``true``, ``[0, 0.6, 0.8]``, ``2014-07-07``); anything
    else is taken as a text, so that names need no quotation marks.
    """
    path, equals, value = text.partition("=")
    if not equals or not path.strip() or not value.strip():
        hint = "Write path=value, for example scale=10 or migrants.retry_removed=0.4."
        raise SettingError("--set", f"{plain(text)} is not a setting", hint)
    return path.strip(), read_value(value.strip())


def _base(given: dict[str, Any], extends: Callable[[str], Scenario] | None) -> Scenario:
    """Take ``extends`` out of ``given`` and give the scenario that it names, or the default."""
    if "extends" not in given:
        return Scenario()
    name = given.pop("extends")
    if extends is None:
        hint = "Save the text as a file and load it with experiments.scenarios.find."
        raise SettingError("extends", "another scenario can only be extended from a file", hint)
    return extends(read_line("extends", name))
