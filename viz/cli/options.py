"""Options of the command line: each is declared once, as an annotated field of a dataclass.

``command`` declares a command by such a class, and ``add_command`` builds the Typer command.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import get_annotations
from pathlib import Path
from typing import (
    Annotated,
    Any,
    ClassVar,
    NamedTuple,
    Self,
    dataclass_transform,
    get_args,
    get_type_hints,
)

import typer

LARGEST_SEED = 2**31 - 1
_POLICY = (
    "id[:dose][:number=value]...[@from[..to]], for example fence:0.5, trainers:250M ($ a year), "
    "fence:0.5:toll=30, fence@2014-07-07. May be given several times."
)


def option(name: str, metavar: str | None, text: str, **more: Any) -> Any:
    """Return an option.

    Args:
        name, metavar: name of the option, and of its value; None for a flag.
        text: help text; it ends with the default in brackets if the command computes it.
        more: further arguments of ``typer.Option``.

    Returns:
        Annotation of a field.
    """
    return typer.Option(name, metavar=metavar, help=_escape(text), **more)


def argument(metavar: str, text: str) -> Any:
    """Return a positional argument.

    Args:
        metavar: name of the argument in the help.
        text: help text.

    Returns:
        Annotation of a field.
    """
    return typer.Argument(metavar=metavar, help=_escape(text))


def integer(name: str, text: str, *, low: int | None = 1, high: int | None = 10_000) -> Any:
    """Return an option for a whole number.

    Args:
        name, text: as for ``option``.
        low, high: bounds; None for none.

    Returns:
        Annotation of a field.
    """
    return option(name, "N", text, min=low, max=high)


def several(name: str, metavar: str, text: str) -> Any:
    """Return an option that may be given several times; arguments as for ``option``."""
    return option(name, metavar, f"{text} May be given several times.")


def scale(default: int) -> Any:
    """Return the option --scale of a command with another default than the scenario's."""
    return integer("--scale", f"Persons per simulated migrant. [{default}]", low=None, high=None)


def seed(text: str = "First seed.") -> Any:
    """Return the option --seed of a command that offsets the seeds of every member."""
    return integer("--seed", text, low=0, high=2_000_000)


def _escape(text: str) -> str:
    """Escape brackets that rich would read as markup."""
    return re.sub(r"\[(?=[a-z])", r"\[", text)


AsJson = Annotated[
    bool, option("--json", None, "Print one JSON object on stdout and nothing else.")
]
DryRun = Annotated[
    bool,
    option("--dry-run", None, "Print the number of runs and the time they take, and stop."),
]
Jobs = Annotated[
    int | None, integer("--jobs", "Simultaneous runs; default: one per core.", high=256)
]
Markdown = Annotated[bool, option("--markdown", None, "Print the reference page.")]
Out = Annotated[Path | None, option("--out", "FOLDER", "Folder of the output files.")]
Resume = Annotated[bool, option("--resume", None, "Continue with the runs that the folder holds.")]
SearchMembers = Annotated[
    int | None,
    integer(
        "--search-members", "Other members, on which portfolios are searched for. [2]", high=10
    ),
]
Sets = Annotated[
    Sequence[str],
    option("--set", "PATH=VALUE", "Any parameter of `twoborders parameters`."),
]


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a command. A field with a Typer annotation is an option or an argument.

    A default of 0 or () means that the command computes the value; the help shows no default.
    """

    name: ClassVar[str] = ""  # of the command

    def typed(self, *names: str) -> list[str]:
        """Return options as the user types them; those with their default value are left out."""
        words: list[str] = []
        hints = get_type_hints(type(self), include_extras=True)
        defaults = {field.name: field.default for field in dataclasses.fields(self)}
        for name in names:
            value = getattr(self, name)
            if value != defaults[name]:
                option = get_args(hints[name])[1].default
                for item in value if isinstance(value, tuple | list) else [value]:
                    words += [option] if item is True else [option, str(item)]
        return words


@dataclass(frozen=True, kw_only=True)
class RunOptions(Options):
    """Options that select a scenario, its policies, its length and its seeds."""

    scenario: Annotated[
        str, option("--scenario", "NAME|FILE", "Packaged scenario or TOML file.")
    ] = "baseline"
    policies: Annotated[Sequence[str], option("--policy", "POLICY", _POLICY)] = ()
    days: Annotated[
        int | None, integer("--days", "Days simulated and counted.", low=None, high=None)
    ] = None
    scale: Annotated[
        int | None, integer("--scale", "Persons per simulated migrant.", low=None, high=None)
    ] = None
    seed: Annotated[int, integer("--seed", "First seed.", low=0, high=LARGEST_SEED)] = 1
    reps: Annotated[int, integer("--reps", "Number of runs, with consecutive seeds.")] = 1
    sets: Sets = ()
    world: Annotated[
        Path | None, option("--world", "FOLDER", "Another world: nodes.csv and edges.csv.")
    ] = None

    @property
    def seeds(self) -> range:
        """Seeds of the replicates; raises ``SettingError`` if they exceed the largest seed."""
        if self.seed + self.reps - 1 > LARGEST_SEED:
            from agents.param import SettingError

            hint = f"Keep --seed plus --reps below {LARGEST_SEED}."
            raise SettingError("--seed", f"{self.seed} is too large for {self.reps} seeds", hint)
        return range(self.seed, self.seed + self.reps)

    def with_defaults(self, *, scale: int, reps: int = 1) -> Self:
        """Fill in what the user did not give.

        Args:
            scale: scale of the command, unless --scale or --set names another.
            reps: seeds of the command, unless --reps is given.

        Returns:
            The completed options.
        """
        given = {text.partition("=")[0].strip() for text in self.sets}
        changes: dict[str, int] = {} if self.reps else {"reps": reps}
        if self.scale is None and "scale" not in given:
            changes["scale"] = scale
        return dataclasses.replace(self, **changes)

    def command(self, name: str = "") -> list[str]:
        """Return the words of the command that gives the same results."""
        words = ["twoborders", name or self.name, "--scenario", self.scenario]
        words += self.typed("days", "scale")
        words += self.typed("world")
        return [*words, "--seed", str(self.seed), "--reps", str(self.reps), *self.typed("sets")]


@dataclass(frozen=True, kw_only=True)
class ResultOptions(Options):
    """Options of the output and of the processes."""

    out: Out = None
    as_json: AsJson = False
    jobs: Jobs = None

    @property
    def folder(self) -> Path:
        """Folder of the output files; by default the one of the command in the folder out."""
        return self.out or Path("out") / self.name


class Command(NamedTuple):
    """A command: its name, the class of its options, and the fields that it does not offer."""

    name: str
    options: type[Options]
    hidden: Collection[str]


COMMANDS: list[Command] = []


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command[T: type[Options]](name: str, hidden: Collection[str] = ()) -> Callable[[T], T]:
    """Declare a command by the class of its options; the docstring is the help text.

    Args:
        name: name of the command, and of the module whose ``command`` runs it.
        hidden: inherited fields that the command does not offer.

    Returns:
        A decorator that makes the class a frozen dataclass.
    """

    def declare(cls: T) -> T:
        made = dataclass(frozen=True, kw_only=True)(cls)
        made.name = name
        COMMANDS.append(Command(name, made, hidden))
        return made

    return declare


def add_command(app: typer.Typer, declared: Command) -> None:
    """Add a declared command to a group.

    Args:
        app: group of commands.
        declared: command to add; its module is imported when the command is called.
    """
    name, options, hidden = declared

    def call(**given: Any) -> int | None:
        known = {key: value for key, value in given.items() if value is not None}
        return import_module(f"viz.cli.{name}").command(options(**known))

    hints = get_type_hints(options, include_extras=True)
    fields = {field.name: field for field in dataclasses.fields(options)}
    own_first = dict.fromkeys(key for kind in options.__mro__ for key in get_annotations(kind))
    shown = [fields[key] for key in own_first if key in fields and key not in hidden]
    parameters = [_parameter(field, *get_args(hints[field.name])) for field in shown]
    vars(call)["__signature__"] = inspect.Signature(parameters)
    call.__annotations__ = {}
    app.command(name, help=inspect.getdoc(options))(call)


def _parameter(field: dataclasses.Field[Any], kind: Any, info: Any) -> inspect.Parameter:
    """Return the parameter of Typer for a field; None stands for a default of 0 or ()."""
    default = field.default
    if kind == Sequence[str]:
        kind, default = list[str] | None, None
    elif default == 0 and kind is int:
        kind, default = int | None, None
    elif default is dataclasses.MISSING:
        default = inspect.Parameter.empty
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, info],
    )
