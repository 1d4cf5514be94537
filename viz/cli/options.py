"""Command line options, and groups of options that several commands share.

A command is a dataclass (see `viz.cli.app`) whose fields are its arguments and options. The class
declares a Typer option as the default of each field. An instance holds the values of one call.
"""

from __future__ import annotations

import atexit
import dataclasses
import gc
import re
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Self, cast, dataclass_transform

import typer
from typer.models import ParameterInfo

LARGEST_SEED = 2**31 - 1
_LARGEST_MEMBER_SEED = 2_000_000  # lower, because some commands add an offset per member
_POLICY = (
    "id[:dose][:number=value]...[@from[..to]], for example fence:0.5, trainers:250M ($ a year), "
    "fence:0.5:toll=30, fence@2014-07-07. In place of the id: module:Class of your own."
)
_ENGINE = (
    "columns (compiled), or objects: one plain Mesa agent per migrant, for at most about 20,000 "
    "people. The results are the same."
)
_EXECUTOR = (
    "Where the runs take place: processes, serial (this process), dask (the scheduler of "
    "DASK_SCHEDULER_ADDRESS), dask://HOST:PORT, or tcp, tls, ws or wss://HOST:PORT."
)

#: Options that do not determine the results: where runs take place, and where they are written.
_PLACES = ("out", "export", "jobs", "executor", "markdown", "shard")
_ONCE = ("as_json", "resume", "dry_run")
_ALWAYS = ("scenario", "seed", "reps")


# ---- names that the shell completes --------------------------------------------------------------
# Names are read from files. Importing the packages would make completion slow.

_POLICY_ID = re.compile(r'^    id = "\w+"$', re.MULTILINE)


def complete_policies(incomplete: str) -> list[str]:
    """Return the policies that complete a text. In a portfolio a+b, b is completed."""
    before, plus, last = incomplete.rpartition("+")
    files = _files(last, "abm/policies", "py")
    return [before + plus + f.stem for f in files if _POLICY_ID.search(f.read_text("utf-8"))]


def complete_scenarios(incomplete: str) -> list[str]:
    """Return the packaged scenarios whose names start with a text."""
    return [file.stem for file in _files(incomplete, "experiments/scenarios", "toml")]


def complete_designs(incomplete: str) -> list[str]:
    """Return the packaged designs whose names start with a text."""
    return [file.stem for file in _files(incomplete, "experiments/sweeps/designs", "toml")]


def _files(start: str, folder: str, ending: str) -> list[Path]:
    """Return the files in a package folder whose names start with a text, sorted by name.

    The package is not imported.
    """
    package, _, rest = folder.partition("/")
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    files = [file for place in places or () for file in (Path(place) / rest).glob(f"*.{ending}")]
    return sorted(file for file in files if file.stem.startswith(start))


_COMPLETE = {"NAME|FILE": complete_scenarios, "DESIGN": complete_designs}
_COMPLETE |= dict.fromkeys(("POLICY", "[POLICY]..."), complete_policies)

# ---- kinds of options ----------------------------------------------------------------------------


def _path(text: str | Path) -> Path:
    """Convert a text to a path. Refuse an empty text, which would mean the current folder."""
    if not str(text):
        raise typer.BadParameter("the path is empty; give a name, or . for the current folder.")
    return Path(text)


def option(
    name: str, metavar: str | None, text: str, default: Any = None, auto: str = "", **more: Any
) -> Any:
    """Return a Typer option.

    Args:
        name: the option as the user types it.
        metavar: placeholder for the value, or None for a flag.
        text: help text.
        default: value if the user omits the option.
        auto: description of a default that the command computes.
        more: further arguments to ``typer.Option``.
    """
    if metavar in ("FOLDER", "FILE"):
        more["parser"] = _path
    more |= {"autocompletion": _COMPLETE.get(metavar or ""), "show_default": auto or True}
    return typer.Option(default, name, metavar=metavar, help=text, **more)


def flag(name: str, text: str) -> Any:
    """Return a Typer option without a value."""
    return option(name, None, text, False)


def options(name: str, metavar: str, text: str, auto: str = "") -> Any:
    """Return a Typer option that may be given several times."""
    return option(name, metavar, f"{text} May be given several times.", (), auto)


def argument(metavar: str, text: str, default: Any = (), auto: str = "") -> Any:
    """Return a Typer argument. With the default ``...``, the user must give it."""
    more: Any = {"show_default": auto or True, "autocompletion": _COMPLETE.get(metavar)}
    return typer.Argument(default, metavar=metavar, help=text, **more)


def whole(
    name: str,
    text: str,
    low: int | None = 1,
    high: int | None = 10_000,
    default: int | None = None,
    auto: str = "",
) -> Any:
    """Return a Typer option for an integer between two bounds, where None is no bound."""
    return option(name, "N", text, default, auto, min=low, max=high)


def scale(auto: str = "") -> Any:
    """Return the option --scale. Without `auto`, the default is the scenario's scale."""
    return whole("--scale", "Persons per simulated migrant.", None, None, auto=auto)


def member_seed() -> Any:
    """Return the option --seed of a command that adds an offset for every member."""
    return whole("--seed", "First seed.", 0, _LARGEST_MEMBER_SEED, 1)


def reps(text: str = "Seeds per arm.", auto: str = "8; with an ensemble 1 per member") -> Any:
    """Return the option --reps, whose default the command computes."""
    return whole("--reps", text, auto=auto)


def members(text: str = "Run everything with N members of the calibrated ensemble.") -> Any:
    """Return the option --members."""
    return whole("--members", text, 1, None)


def shard(more: str = "") -> Any:
    """Return the option --shard."""
    text = f"Run block K of N of the runs, as a task of a job array, for twoborders merge.{more}"
    return option("--shard", "K/N", text)


@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclass(frozen=True, kw_only=True)
class Options:
    """Arguments and options of a command, whose name is the class name in lower case.

    Every subclass becomes a frozen dataclass.
    """

    function: ClassVar[str] = ""  # "module:function" to run, by default `command` of its module

    def __init_subclass__(cls) -> None:
        """Turn the subclass into a frozen dataclass."""
        dataclass(frozen=True, kw_only=True)(cls)

    def __post_init__(self) -> None:
        """Set options that the caller omits to their default values."""
        for field in dataclasses.fields(self):
            info = getattr(self, field.name)
            if isinstance(info, ParameterInfo):
                object.__setattr__(self, field.name, info.default)

    @property
    def name(self) -> str:
        """Command name."""
        return type(self).__name__.lower()

    def run(self) -> int | None:
        """Import the command's module and run it, and return the exit code."""
        module, _, function = (self.function or f"{self.name}:command").partition(":")
        gc.disable()  # Imports create no garbage, so collecting during them only takes time.
        command = getattr(import_module(f"viz.cli.{module}"), function)
        gc.freeze()
        gc.enable()
        atexit.register(gc.freeze)  # Skip the last collection, so that the process exits at once.
        return command(self)

    def selected(self, *names: str) -> dict[str, Any]:
        """Return option values by name. Options that are None or do not exist are left out."""
        values = {name: getattr(self, name, None) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    def typed(self, *names: str, always: tuple[str, ...] = _ALWAYS) -> list[str]:
        """Return options as the user would type them.

        Args:
            names: fields of the options. An option at its default value is left out.
            always: fields of options that are kept even at their default values.
        """
        words: list[str] = []
        for field in dataclasses.fields(self):
            value, info = getattr(self, field.name), cast(Any, field.default)
            if field.name in names and (field.name in always or value != info.default):
                for item in value if isinstance(value, list | tuple) else [value]:
                    words += [*(info.param_decls or ()), *([] if item is True else [str(item)])]
        return words

    def command_words(self, *without: str) -> list[str]:
        """Return the words of a command that gives the same results.

        Args:
            without: fields to leave out, because the caller adds their words.
        """
        left_out = {*_PLACES, *_ONCE, *without}
        names = [field.name for field in dataclasses.fields(self) if field.name not in left_out]
        return ["twoborders", self.name, *self.typed(*names)]

    def place_words(self) -> list[str]:
        """Return the options that select where runs take place and where results are written."""
        return self.typed(*_PLACES)

    def resume_words(self) -> list[str]:
        """Return the words of the command that resumes this command."""
        return [*self.command_words(), *self.place_words(), "--resume"]


class AgentOption(Options):
    """The option that replaces classes of agents."""

    agent_classes: list[str] = options(
        "--agent-class", "NAME=CLASS", "Your class, as module:Class, that replaces an agent class."
    )


class ParameterOptions(AgentOption):
    """Options that select scale, parameters and agents of a scenario."""

    scale: int | None = scale()
    sets: list[str] = options("--set", "PATH=VALUE", "Any parameter of `twoborders parameters`.")

    def sets_path(self, path: str) -> bool:
        """Return whether --set changes the parameter at a path."""
        return any(text.partition("=")[0].strip() == path for text in self.sets)


class SeedOptions(ParameterOptions):
    """Parameter options and seeds. ``with_defaults`` computes ``reps``."""

    seed: int = whole("--seed", "First seed.", 0, LARGEST_SEED, 1)
    reps: int = reps()

    @property
    def seeds(self) -> range:
        """Replicate seeds. Raise ``SettingError`` if they exceed the highest seed."""
        from experiments.runs.study_inputs import seed_range  # The import takes a second.

        return seed_range(self.seed, self.reps, prefix="--")

    def with_defaults(self, *, scale: int | None = None, reps: int = 1) -> Self:
        """Set the scale and the number of seeds if the user did not set them.

        Args:
            scale: the command's default scale, or None for the scenario's scale.
            reps: default number of seeds without an ensemble. With an ensemble it is 1.

        Returns:
            The completed options.
        """
        is_ensemble = getattr(self, "members", None) is not None
        changes: dict[str, Any] = {} if self.reps else {"reps": 1 if is_ensemble else reps}
        if self.scale is None and not self.sets_path("scale"):
            changes["scale"] = scale
        return dataclasses.replace(self, **changes)


class ScenarioOptions(Options):
    """Options that select a scenario and its length."""

    scenario: str = option("--scenario", "NAME|FILE", "Packaged scenario or TOML file.", "baseline")
    days: int | None = whole("--days", "Days to record, after the warm-up.", None, None)


class PolicyOptions(Options):
    """Options that add policies to a scenario, or replace its world."""

    policies: list[str] = options("--policy", "POLICY", _POLICY)
    world: Path | None = option("--world", "FOLDER", "Another world: nodes.csv and edges.csv.")


class WorldOptions(PolicyOptions, ScenarioOptions):
    """Options that select everything that a single run needs except its seed."""

    supply: str | None = option("--supply", "NAME|FILE", "Supply series, or a CSV file of one.")


class EngineOption(Options):
    """The option that selects the engine of the migrants."""

    engine: str | None = option("--engine", "NAME", _ENGINE, auto="columns")


class JsonOption(Options):
    """The option that selects machine-readable output."""

    as_json: bool = flag("--json", "Print one JSON object on stdout, nothing else.")


class ResultOptions(JsonOption):
    """Options for output and processes."""

    out: Path | None = option("--out", "FOLDER", "Folder of the output files.")
    jobs: int | None = whole("--jobs", "Simultaneous runs.", 1, 256, auto="one per core")
    executor: str | None = option(
        "--executor", "WHERE", _EXECUTOR, auto="processes; with --jobs 1 serial"
    )

    @property
    def folder(self) -> Path:
        """Folder for output files, by default ``out/`` and the command name."""
        return self.out or Path("out") / self.name


class StudyOptions(ResultOptions):
    """Options of commands whose runs may be spread over processes and machines."""

    resume: bool = flag("--resume", "Continue with the runs that the folder holds.")
    dry_run: bool = flag("--dry-run", "Print the number of runs and the time they take, and stop.")


class LongStudyOptions(StudyOptions, ParameterOptions):
    """Options that ``twoborders optimise`` and ``twoborders ask`` share."""

    budgets: list[str] = options(
        "--budget", "DOLLARS", "$ a year such as 250M.", "250M, 500M, 1B; ask --quick 500M"
    )
    policies: list[str] = options(
        "--policy",
        "CLASS",
        "Another policy that can be bought: module:Class of your own, or an id.",
    )
    search_members: int | None = whole(
        "--search-members",
        "Other members, on which portfolios are searched for.",
        high=10,
        auto="2; ask 6, with --quick 2",
    )
    scale: int | None = scale("200")
    seed: int = member_seed()
