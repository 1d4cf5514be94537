"""Scenario: all settings of a run except its seed, as one frozen tree.

Each actor's module declares the actor's group of settings, and this module assembles the groups.
``load_scenario`` reads TOML, ``Scenario.to_toml`` writes it, and ``digest`` identifies a scenario.
``experiments.scenarios`` finds scenario files by name.
"""

import datetime
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from mesa.experimental import scenarios

from abm.scenario.consequence_changes import ConsequenceChange, read_changes
from abm.scenario.policy_specs import PolicySpec, read_policies
from abm.scenario.toml_text import read_toml, read_value, write_toml
from abm.scenario.tree import (
    Tree,
    digest_of,
    overlay,
    read_date,
    read_line,
    read_text,
    setting,
    write_list,
)
from abm.supply_file import supply_content
from abm.supply_series import SEASON, read_window
from agents.agency_params import BorderPatrolParams, GendarmeParams
from agents.aid_pipeline import AidParams
from agents.consequences import ConsequenceParams
from agents.contest import ContestParams
from agents.drug_params import DrugParams
from agents.employers import EmployerParams
from agents.governments import GovernmentParams
from agents.migrants.migrant_params import MigrantParams
from agents.origin_countries import PushParams
from agents.own_code import existing_path, is_class_text, plugins, text_of
from agents.param import SETTING, SettingError, check_name, param, plain
from agents.port_params import PortParams
from agents.routing import RouteParams
from agents.smugglers import SmugglerParams
from agents.strategy import StrategyParams
from agents.supply_terms import SupplyTermParams

_CHOICE = f"{SETTING} choice of the experiment"
ENGINES = ("columns", "objects")  # how migrants are stored
_AFTER_WARMUP = ("name", "doc", "policies")  # without effect on the warm-up


def _read_world(path: str, value: Any) -> str:
    """Check a world: a folder, the name of an installed world, or "" for the packaged world."""
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if isinstance(text, str) and not text:
        return text
    name = read_line(path, text)
    return name if os.path.exists(name) else str(plugins("worlds", existing_path).get(name, name))


def _read_classes(path: str, value: Any) -> tuple[tuple[str, str], ...]:
    """Check agent subclasses by the name of the class that each subclass replaces.

    A subclass is given as a class or as text such as ``module:Class``.
    """
    hint = 'Give a mapping such as {"Organisation": "module:Class"}.'
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    if not isinstance(value, Mapping | tuple) or not all(isinstance(p, tuple) for p in pairs):
        raise SettingError(path, f"{plain(value)} is not a mapping", hint)
    classes = {}
    for name, kind in pairs:
        text = text_of(kind) if isinstance(kind, type) else kind
        if not isinstance(text, str) or not (is_class_text(text) or text.isidentifier()):
            raise SettingError(f"{path}.{name}", f"{plain(text)} is not a class", hint)
        classes[str(name)] = text
    return tuple(sorted(classes.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Tree, scenarios.Scenario):
    """All settings of a run except its seed.

    Every way to create a scenario checks all values, and an invalid value raises ``SettingError``.
    The class derives from Mesa's scenario class, which Mesa's tools expect in `model.scenario`.
    """

    name: str = setting("unnamed", doc="Name of the scenario, one line.", read=read_line)
    doc: str = setting("", doc="Purpose of the scenario.", read=read_text)
    start: datetime.date = setting(
        datetime.date(2012, 10, 1), doc="First recorded day, after the warm-up.", read=read_date
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
        doc="Persons that one simulated migrant represents; 1, 10 and 100 are recommended.",
    )
    warmup_days: int = param(
        540,
        unit="days",
        low=0,
        high=3_650,
        doc="Days simulated before the start and discarded, so that beliefs and flows settle.",
        source=_CHOICE,
    )
    fill_days: int = param(
        60,
        unit="days",
        low=0,
        high=3_650,
        doc="Last days of the warm-up that run at the full scale; at most the whole warm-up.",
        source=_CHOICE,
    )
    supply: str = setting(
        "fy2013",
        doc="Supply series, or CSV file of one: candidates by origin, kind and month.",
        read=read_line,
    )
    supply_season: str = setting(
        SEASON,
        doc="First and last month of the years whose mean season the supply series has.",
        read=read_window,
    )
    record: str = param(
        "base_year",
        unit="name",
        choices=("base_year", "history"),
        source=_CHOICE,
        doc="Whether staff, barrier, detention and consequences are constant or historical.",
    )
    supply_level: float = param(
        1.0,
        unit="multiple of the supply series",
        high=20.0,
        source=_CHOICE,
        doc="Factor on the whole supply series.",
    )
    world: str = setting(
        "",
        doc="Folder of another world (places and legs); empty for the packaged one.",
        read=_read_world,
    )
    engine: str = setting(
        "columns",
        doc="Implementation of the migrants, with equal results: columns (compiled), or objects "
        "(plain Mesa agents, for at most about 20,000 people).",
        read=lambda path, value: check_name(path, value, ENGINES),
    )
    policies: tuple[PolicySpec, ...] = setting(
        (),
        doc="Policies of the scenario, in any order; without any, the status quo.",
        read=read_policies,
        write=write_list,
    )
    agent_classes: tuple[tuple[str, str], ...] = setting(
        (),
        doc="Classes that replace the model's agents, as module:Class, by the replaced class.",
        read=_read_classes,
        write=dict,
    )
    consequence_changes: tuple[ConsequenceChange, ...] = setting(
        (),
        doc="Changes of consequences by date, country and kind.",
        read=read_changes,
        write=write_list,
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
    employers: EmployerParams = field(default_factory=EmployerParams)
    governments: GovernmentParams = field(default_factory=GovernmentParams)
    aid: AidParams = field(default_factory=AidParams)
    strategy: StrategyParams = field(default_factory=StrategyParams)
    drugs: DrugParams = field(default_factory=DrugParams)
    supply_terms: SupplyTermParams = field(default_factory=SupplyTermParams)

    def __repr__(self) -> str:
        """Return a short form: name, period, scale, number of policies and digest."""
        size = f"{self.days} days from {self.start}, scale {self.scale}"
        return (
            f"<Scenario {self.name}: {size}, {len(self.policies)} policies, "
            f"digest {self.digest[:8]}>"
        )

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Iterate over (name, value) pairs of settings and groups, as Mesa's scenarios do."""
        return iter(self.to_mapping().items())

    def __len__(self) -> int:
        """Return the number of settings and groups."""
        return len(fields(self))

    @property
    def digest(self) -> str:
        """Hash of all resolved settings: 40 hexadecimal digits.

        A user's supply file counts with its content, not its path. The engine does not count,
        because all engines have the same results.
        """
        resolved = self.to_mapping() | {"supply": self._supply_key}
        del resolved["engine"]
        if not self.agent_classes:
            del resolved["agent_classes"]
        return digest_of(resolved)

    @property
    def _supply_key(self) -> str:
        """Name of the supply series, or content hash of the supply file."""
        content = supply_content(self.supply)
        return f"file {content}" if content else self.supply

    @property
    def warmup_key(self) -> str:
        """Text of all settings that affect the warm-up.

        Names and policies are excluded. Policies act from the first recorded day on, so two models
        with equal keys, seeds and worlds have the same state on that day. Changes to consequences
        are included, because they also act during the warm-up.
        """
        before = [getattr(self, f.name) for f in fields(self) if f.name not in _AFTER_WARMUP]
        values = [
            [getattr(item, f.name) for f in fields(item)] if is_dataclass(item) else item
            for item in before
        ]
        return repr([*values, self._supply_key])

    def to_toml(self, *, full: bool = False, annotated: bool = False) -> str:
        """Write the scenario as TOML.

        Args:
            full: write all settings. By default, only changed settings are written.
            annotated: add comments with meaning, unit, bounds and source of every parameter.

        Returns:
            The text, which ``load_scenario`` reads back.
        """
        return write_toml(self, full=full, annotated=annotated)


def load_scenario(
    text_or_mapping: str | Mapping[str, Any],
    origin: str = "scenario",
    extends: Callable[[str], Scenario] | None = None,
) -> Scenario:
    """Read a scenario from TOML text or from a mapping with the same structure.

    Args:
        text_or_mapping: the settings.
        origin: name of the file in error messages.
        extends: function that returns the scenario named in a line ``extends = "other"``. The
            file's own settings override the settings of this scenario.

    Returns:
        The scenario.

    Raises:
        SettingError: the text or a value is invalid. No other error is raised.
    """
    if not isinstance(text_or_mapping, str | Mapping):
        hint = "Give TOML text, or a mapping such as {'days': 365}."
        raise SettingError("text_or_mapping", f"{plain(text_or_mapping)} is not a scenario", hint)
    if not isinstance(origin, str):
        raise SettingError("origin", f"{plain(origin)} is not a text", "Give the name of a file.")
    if extends is not None and not callable(extends):
        hint = "Give a function that returns the scenario of a name."
        raise SettingError("extends", f"{plain(extends)} is not a function", hint)
    source = text_or_mapping
    settings = read_toml(source, origin) if isinstance(source, str) else dict(source)
    try:
        base = _base(settings, extends)
        return overlay(base, settings)
    except SettingError as error:
        file = error.origin or origin  # Errors in an extended file name that file.
        raise SettingError(error.path, error.reason, error.hint, file) from None


def parse_set(text: str) -> tuple[str, Any]:
    """Split ``path=value`` from the command line into a path and a value for ``with_settings``.

    The value is TOML (``0.4``, ``true``, ``[0, 0.6, 0.8]``, ``2014-07-07``). A value that is not
    valid TOML is read as text, so names need no quotation marks.
    """
    path, equals, value = text.partition("=")
    if not equals or not path.strip() or not value.strip():
        hint = "Write path=value, for example scale=10 or migrants.retry_removed=0.4."
        raise SettingError("--set", f"{plain(text)} is not a setting", hint)
    return path.strip(), read_value(value.strip())


def _base(settings: dict[str, Any], extends: Callable[[str], Scenario] | None) -> Scenario:
    """Remove the key ``extends`` and return the scenario that it names, by default the baseline."""
    if "extends" not in settings:
        return Scenario()
    name = settings.pop("extends")
    if extends is None:
        hint = "Save the text as a file and load it with experiments.scenarios.find."
        raise SettingError("extends", "another scenario can only be extended from a file", hint)
    return extends(read_line("extends", name))
