"""Options of the command line: each is declared once, as a field of a dataclass.

``command`` declares a command by such a class, and ``add_command`` builds the Typer command.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, dataclass_transform, get_type_hints

import typer

from viz.cli.completion import BY_METAVAR

LARGEST_SEED = 2**31 - 1
_RESUME = "Continue with the runs that the folder holds."
_DRY_RUN = "Print the number of runs and the time they take, and stop."
_POLICY = (
    "id[:dose][:number=value]...[@from[..to]], for example fence:0.5, trainers:250M ($ a year), "
    "fence:0.5:toll=30, fence@2014-07-07."
)


def option(name: str, metavar: str | None, text: str, default: Any = None, **more: Any) -> Any:
    """Return a field that is an option or a positional argument.

    Args:
        name, metavar: name of the option (empty for an argument), and of its value (None: a flag).
        text: help text; it ends with the default in brackets if the command computes it.
        default: value if it is not given.
        more: further arguments of ``typer.Option``.

    Returns:
        Field of a dataclass.
    """
    text = re.sub(r"\[(?=[a-z])", r"\\[", text)  # not markup of rich
    names = [name] if name else []
    if metavar in ("FOLDER", "FILE"):
        more["parser"] = _path
    if metavar in BY_METAVAR:
        more["autocompletion"] = BY_METAVAR[metavar]
    info = (typer.Option if name else typer.Argument)(*names, metavar=metavar, help=text, **more)
    return dataclasses.field(default=default, metadata={"typer": info, "names": names})


def _path(text: str | Path) -> Path:
    """Return a path; refuse an empty text, which would mean the current folder."""
    if not str(text):
        raise typer.BadParameter("the path is empty; give a name, or . for the current folder.")
    return Path(text)


def options(name: str, metavar: str, text: str) -> Any:
    """Return a field that may be given several times; see ``option`` for the arguments."""
    return option(name, metavar, text + " May be given several times." * bool(name), ())


def integer(name: str, text: str, default: Any = None, low: Any = 1, high: Any = 10_000) -> Any:
    """Return a field that is an option for a whole number.

    Args:
        name, text, default: as for ``option``.
        low, high: bounds; None for none.

    Returns:
        Field of a dataclass.
    """
    return option(name, "N", text, default, min=low, max=high)


def scale_option(default: int) -> Any:
    """Return the field of --scale with another default than that of the scenario."""
    return integer("--scale", f"Persons per simulated migrant. [{default}]", low=None, high=None)


def seed_option(text: str) -> Any:
    """Return the field of --seed for a command that offsets the seeds of every member."""
    return integer("--seed", text, 1, low=0, high=2_000_000)


def folder(text: str) -> Any:
    """Return the field of --out for a folder."""
    return option("--out", "FOLDER", text)


def sets_option() -> Any:
    """Return the field of --set."""
    return options("--set", "PATH=VALUE", "Any parameter of `twoborders parameters`.")


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a command.

    A default of 0 or () means that the command computes the value; the help shows no default.
    """

    name: ClassVar[str] = ""  # of the command
    run: ClassVar[str] = ""  # function that runs it, as ``module:function``
    hidden: ClassVar[Collection[str]] = ()  # inherited fields that it does not offer
    own: ClassVar[str] = ""  # fields that ``command_words`` adds, separated by spaces

    def command_words(self) -> list[str]:
        """Return the words of the command that gives the same results."""
        return ["twoborders", self.name, *self.typed(*self.own.split())]

    def resume_words(self) -> list[str]:
        """Return the words of the command that resumes this one."""
        return [*self.command_words(), "--resume"]

    def given(self, *names: str) -> dict[str, Any]:
        """Return options by name; those that are None are left out."""
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    def typed(self, *names: str) -> list[str]:
        """Return options as the user types them; those with their default value are left out."""
        words: list[str] = []
        fields = {field.name: field for field in dataclasses.fields(self)}
        for name in names:
            value, field = getattr(self, name), fields[name]
            if value != field.default:
                for item in value if isinstance(value, tuple | list) else [value]:
                    words += [*field.metadata["names"], *([] if item is True else [str(item)])]
        return words


@dataclass(frozen=True, kw_only=True)
class RunOptions(Options):
    """Options that select a scenario, its policies, its length and its seeds."""

    scenario: str = option("--scenario", "NAME|FILE", "Packaged scenario or TOML file.", "baseline")
    policies: Sequence[str] = options("--policy", "POLICY", _POLICY)
    days: int | None = integer("--days", "Days simulated and counted.", low=None, high=None)
    scale: int | None = integer("--scale", "Persons per simulated migrant.", low=None, high=None)
    seed: int = integer("--seed", "First seed.", 1, low=0, high=LARGEST_SEED)
    reps: int = integer("--reps", "Number of runs, with consecutive seeds.", 1)
    sets: Sequence[str] = sets_option()
    world: Path | None = option("--world", "FOLDER", "Another world: nodes.csv and edges.csv.")
    supply: str | None = option("--supply", "NAME|FILE", "Supply series, or a CSV file of one.")

    @property
    def seeds(self) -> range:
        """Seeds of the replicates; raises ``SettingError`` if they exceed the largest seed."""
        from experiments.runs.study_inputs import seed_range

        return seed_range(self.seed, self.reps, prefix="--")

    def sets_path(self, path: str) -> bool:
        """Return whether --set names a path."""
        return any(text.partition("=")[0].strip() == path for text in self.sets)

    def with_defaults(self, *, scale: int | None = None, reps: int = 1) -> Self:
        """Add the values that the user did not give.

        Args:
            scale: scale of the command, unless --scale or --set names another; None for none.
            reps: seeds of the command, unless --reps is given; 1 with an ensemble.

        Returns:
            The completed options.
        """
        replicated = getattr(self, "ensemble", None) is not None
        changes: dict[str, Any] = {} if self.reps else {"reps": 1 if replicated else reps}
        if self.scale is None and not self.sets_path("scale"):
            changes["scale"] = scale
        return dataclasses.replace(self, **changes)

    def command_words(self) -> list[str]:
        """Return the words of the command that gives the same results."""
        words = ["twoborders", self.name, "--scenario", self.scenario]
        words += [*self.typed("days", "scale", "world", "supply"), "--seed", str(self.seed)]
        return [*words, "--reps", str(self.reps), *self.typed("sets", *self.own.split())]


@dataclass(frozen=True, kw_only=True)
class ResultOptions(Options):
    """Options of the output and of the processes."""

    out: Path | None = folder("Folder of the output files.")
    as_json: bool = option("--json", None, "Print one JSON object on stdout, nothing else.", False)
    jobs: int | None = integer("--jobs", "Simultaneous runs; default: one per core.", high=256)

    @property
    def folder(self) -> Path:
        """Folder of the output files; by default the one of the command in the folder out."""
        return self.out or Path("out") / self.name


@dataclass(frozen=True, kw_only=True)
class EngineOptions(Options):
    """The option of the commands that run with either engine of the migrants."""

    engine: str | None = option(
        "--engine",
        "NAME",
        "columns (compiled), or objects: one plain Mesa agent per migrant, for at most about "
        "20,000 people. The results are the same. [columns]",
    )


@dataclass(frozen=True, kw_only=True)
class StudyOptions(ResultOptions):
    """Options of the commands whose runs may be spread over processes and machines."""

    executor: str | None = option(
        "--executor",
        "WHERE",
        "Where the runs take place: processes, serial (this process), or dask://HOST:PORT. "
        "[processes; with --jobs 1 serial]",
    )
    resume: bool = option("--resume", None, _RESUME, False)
    dry_run: bool = option("--dry-run", None, _DRY_RUN, False)

    def resume_words(self) -> list[str]:
        """Return the words of the command that resumes this one."""
        executor = () if "executor" in self.own.split() else ("executor",)
        return [*self.command_words(), *self.typed(*executor), "--resume"]


COMMANDS: list[type[Options]] = []


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command[T: type[Options]](
    name: str, run: str = "", hidden: Collection[str] = ()
) -> Callable[[T], T]:
    """Declare a command by the class of its options; the docstring is the help text.

    Args:
        name: name of the command.
        run: ``module:function`` that runs it; by default ``command`` of ``viz.cli.name``.
        hidden: inherited fields that the command does not offer.

    Returns:
        A decorator that makes the class a frozen dataclass.
    """

    def declare(cls: T) -> T:
        made = dataclass(frozen=True, kw_only=True)(cls)
        made.name, made.run, made.hidden = name, run or f"viz.cli.{name}:command", hidden
        COMMANDS.append(made)
        return made

    return declare


def add_command(app: typer.Typer, kind: type[Options]) -> None:
    """Add a declared command to a group.

    Args:
        app: group of commands.
        kind: options of the command; its module is imported when the command is called.
    """
    module, _, function = kind.run.partition(":")

    def call(**given: Any) -> int | None:
        known = {key: value for key, value in given.items() if value is not None}
        return getattr(import_module(module), function)(kind(**known))

    hints, fields = get_type_hints(kind), {f.name: f for f in dataclasses.fields(kind)}
    own_first = dict.fromkeys(key for base in kind.__mro__ for key in inspect.get_annotations(base))
    shown = [key for key in own_first if key in fields and key not in kind.hidden]
    parameters = [_parameter(fields[key], hints[key]) for key in shown]
    vars(call)["__signature__"] = inspect.Signature(parameters)
    call.__annotations__ = {}
    app.command(kind.name, help=inspect.getdoc(kind))(call)


def _parameter(field: dataclasses.Field[Any], kind: Any) -> inspect.Parameter:
    """Return the parameter of Typer for a field; None replaces a default of 0 or ()."""
    default = field.default
    if kind == Sequence[str]:
        kind, default = list[str] | None, None
    elif default == 0 and kind is int:
        kind, default = int | None, None
    elif default is dataclasses.MISSING:
        default = inspect.Parameter.empty
    keyword, annotation = inspect.Parameter.KEYWORD_ONLY, Annotated[kind, field.metadata["typer"]]
    return inspect.Parameter(field.name, keyword, default=default, annotation=annotation)
