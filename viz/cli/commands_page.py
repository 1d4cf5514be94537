"""Write the reference page on all commands from their declarations.

``python -m viz.cli.commands_page > docs/reference/commands.md`` updates the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import typer

from viz.cli.app import app

_HEAD = """\
# All commands

Every command with its arguments and options. `twoborders COMMAND --help` prints the same. This page
is generated from the code. [Output](output.md) explains output files, JSON and exit codes. A dash
in the column *default* means that there is no value, or that the scenario or the command determines
it.
"""
_SEVERAL = 2  # An option that at least this many commands have is listed once.
_HELP = "| `--help`, `-h` | off | Show the help text and exit. |"
_OPTION = re.compile(r"(?<![\w`-])--[a-z][a-z-]*")
_FORM = re.compile(r"^id\[\S+\]")  # policy syntax at the start of a help text


def commands_markdown() -> str:
    """Return the page as Markdown. The same declarations always give the same text."""
    group: Any = typer.main.get_command(app)
    rows = Counter(row for command in group.commands.values() for row in _rows(command.params))
    common = {row.split()[1]: row for row, n in reversed(rows.most_common()) if n >= _SEVERAL}
    shared = [row for row in rows if row in common.values()]
    lines = [_HEAD, *_summary(group)]
    lines += ["", "Options before the command:", "", *_table(_rows(group.params))]
    lines += ["", "## Shared options", "", "Options that several commands have:", ""]
    lines += _table([*shared, _HELP])
    for name, command in group.commands.items():
        lines += ["", *_section(name, command, shared)]
    return "\n".join(lines) + "\n"


def _summary(group: Any) -> Iterator[str]:
    """Yield the table of all commands and their purposes."""
    yield from ("| command | purpose |", "| --- | --- |")
    for name, command in group.commands.items():
        yield f"| [`twoborders {name}`](#twoborders-{name}) | {_text(command.help)} |"


def _section(name: str, command: Any, shared: Collection[str]) -> Iterator[str]:
    """Yield the section on a command: usage, help, its own options, names of shared options."""
    arguments = [p.metavar or p.name.upper() for p in command.params if _is_argument(p)]
    usage = " ".join(["twoborders", name, *arguments, "[OPTIONS]"])
    yield from (f"## `twoborders {name}`", "", _text(command.help), "")
    yield from ("```text", usage, "```", "")
    rows = list(_rows(command.params))
    if distinct := [row for row in rows if row not in shared]:
        yield from (*_table(distinct), "")
    names = [row.split("`")[1].split()[0] for row in (*rows, _HELP) if row in (*shared, _HELP)]
    yield f"[Shared options](#shared-options): {', '.join(f'`{option}`' for option in names)}."


def _table(rows: Iterable[str]) -> Iterator[str]:
    """Yield a table of arguments and options."""
    yield from ("| argument or option | default | meaning |", "| --- | --- | --- |", *rows)


def _rows(parameters: list[Any]) -> Iterator[str]:
    """Yield the rows of arguments and options, the arguments first."""
    for parameter in sorted(parameters, key=lambda p: not _is_argument(p)):
        if not parameter.hidden:
            meaning = (parameter.help or "") + _bounds(parameter)
            # Options and policy syntax within the text are set as code.
            text = _FORM.sub(r"`\g<0>`", _OPTION.sub(r"`\g<0>`", _text(meaning)))
            yield f"| {_name(parameter)} | {_default(parameter)} | {text} |"


def _is_argument(parameter: Any) -> bool:
    """Return whether a parameter is positional."""
    return parameter.param_type_name == "argument"


def _name(parameter: Any) -> str:
    """Return how a parameter is written on the command line, as code."""
    if _is_argument(parameter):
        return f"`{parameter.metavar or parameter.name.upper()}`"
    value = f" {parameter.metavar}" if parameter.metavar and not parameter.is_flag else ""
    return ", ".join(
        f"`{_text(option + value)}`" for option in (*parameter.opts, *parameter.secondary_opts)
    )


def _default(parameter: Any) -> str:
    """Return a parameter's default, "required", or a dash if it has neither."""
    if parameter.required:
        return "required"
    if isinstance(parameter.show_default, str):
        return _text(parameter.show_default)
    if parameter.default is None or parameter.default == ():
        return "–"
    return "off" if parameter.default is False else f"`{parameter.default}`"


def _bounds(parameter: Any) -> str:
    """Return the bounds of a number as a sentence, empty if it has none."""
    low, high = parameter.min, parameter.max
    if low is not None and high is not None:
        return f" {low:,} to {high:,}."
    if low is None and high is None:
        return ""
    return f" At least {low:,}." if high is None else f" At most {high:,}."


def _text(text: str) -> str:
    """Return a text as a table cell: on one line, with pipes escaped."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    print(commands_markdown(), end="")
