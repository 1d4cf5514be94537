"""Error handling, exit codes and output that all commands share.

A command returns its exit code, or None for 0. ``SettingError`` and ``WorldError`` report invalid
input.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

from agents.param import SettingError, hidden_in
from experiments.rows.records import json_text
from viz.cli.options import Options
from viz.documents.labels import BANNER

if TYPE_CHECKING:
    from experiments.runs.case import Failure

OK, FAILED, USAGE, PARTLY, INTERRUPTED = 0, 1, 2, 3, 130
_INTERRUPTED = (
    "interrupted: unfinished runs are lost; no file is written in part. Run the same command "
    "again; fewer --days or --reps, or a larger --scale, take less time."
)

_FIXES = {
    errno.EACCES: "Give a path that you may use, or change its permissions.",
    errno.EPERM: "Give a path that you may use, or change its permissions.",
    errno.EROFS: "Give a path that can be written.",
    errno.ENOENT: "Give an existing path.",
    errno.ENOSPC: "Free some space, or give a path on another disk.",
    errno.EISDIR: "Give a file, not a folder.",
    errno.ENOTDIR: "Give a path whose folders are not files.",
}

_EXTRA = re.compile(r"unexpected extra argument.*? \(([^()]+)\)")
_OPTION = re.compile(r"No such option: --([a-z][a-z_-]*)")
#: Messages from pydantic, which Typer uses, and their plain replacements.
_PLAIN = (
    (re.compile(r"Input should be a valid integer.*"), "give a whole number, such as 10."),
    (re.compile(r"Input should be a valid number.*"), "give a number, such as 0.5."),
    (re.compile(r"Input should be greater than or equal to (\S+?)\.?$"), r"give \1 or more."),
    (re.compile(r"Input should be less than or equal to (\S+?)\.?$"), r"give \1 or less."),
    (re.compile(r"(requires an argument)\."), r"\1: write its value after it."),
)


#: List of all policies in an error message. It is too long for one line.
_POLICIES = re.compile(r"Known policies: .*$")


class Interrupted(Exception):
    """An interrupt whose message comes from the command and says, for example, how to resume."""


class CommandError(Exception):
    """A failure whose message is printed without the class name, with exit code 1."""


class Shell(TyperGroup):
    """Command group that reports an error in one line on stderr and by the exit code."""

    def main(
        self,
        args: Any = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command.

        Args:
            args: words of the command line, by default from `sys.argv`.
            prog_name: ignored, because the program is always called twoborders.
            complete_var, windows_expand_args, extra: passed to Typer unchanged.
            standalone_mode: whether to exit the process with the exit code.

        Returns:
            The exit code, unless `standalone_mode`.
        """
        words = list(sys.argv[1:] if args is None else args)
        debug = "--debug" in words
        words = [word for word in words if word != "--debug"] or ["--help"]
        _prepare_streams()
        run = super().main

        def command() -> Any:
            _refuse_hidden(words)
            result = run(words, "twoborders", complete_var, False, windows_expand_args, **extra)
            return result.run() if isinstance(result, Options) else result

        code = guarded(command, debug)
        if standalone_mode:
            sys.exit(code)
        return code


def _refuse_hidden(words: Sequence[str]) -> None:
    """Raise ``SettingError`` with the option's name if a word contains an invisible character."""
    for before, word in zip(["argument", *words], words, strict=False):
        if hidden := hidden_in(word, lines=True):
            option = word.partition("=")[0] if word.startswith("--") else before
            name = option if option.startswith("-") else "argument"
            raise SettingError(name, f"the text contains the character {hidden}", "Leave it out.")


def guarded(command: Callable[[], Any], debug: bool = False) -> int:
    """Run a command and report an error in one line on stderr.

    Args:
        command: function that returns an exit code or None.
        debug: whether to print the traceback of an error as well.

    Returns:
        The exit code.
    """
    try:
        code = command()
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        # The reader closed the pipe, as in `twoborders policies | head`. Typer turns this into
        # SystemExit(1), which no command itself raises.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (KeyboardInterrupt, EOFError):
        code = INTERRUPTED
    except Exception as error:
        if debug:
            traceback.print_exc()
        return _report(error)
    if code == INTERRUPTED:  # Typer returns this code too.
        log(_INTERRUPTED)
    return int(code or OK)


def _report(error: Exception) -> int:
    """Print an error in one line and return its exit code."""
    if hasattr(error, "format_message"):  # Click raised it while parsing the command line.
        context = getattr(error, "ctx", None)
        command = getattr(context, "command_path", "twoborders")
        text = _one_line(error.format_message())  # pyright: ignore[reportAttributeAccessIssue]
        hint = usage_hint(text, context)
        for pattern, fix in _PLAIN:
            text = pattern.sub(fix, text)
        log(" ".join(f"error: {text} {hint} See {command} --help.".split()))
        return USAGE
    if isinstance(error, OSError) and (error.filename or error.errno in _FIXES):
        place = f"{error.filename}: " if error.filename else ""  # An error of stdout has no name.
        fix = _FIXES.get(error.errno or 0, "Give another path.")
        log(f"error: {place}{_one_line(error.strerror).lower()} {fix}")
        return USAGE if error.filename else FAILED
    name = type(error).__name__
    if isinstance(error, Interrupted) or name == "Abort":
        log(_INTERRUPTED if name == "Abort" else _one_line(error))
        return INTERRUPTED
    if is_input(name) or isinstance(error, CommandError):
        message = _POLICIES.sub("Run `twoborders policies` for the list.", _one_line(error))
        log(f"error: {message}")
    else:
        log(f"error: {name}: {_one_line(error)} Add --debug for the traceback.")
    return USAGE if is_input(name) else FAILED


# ---- errors of the command line ------------------------------------------------------------------


def usage_hint(message: str, context: Any) -> str:
    """Return a suggestion for a command line error.

    Args:
        message: message from Click.
        context: Click's context, or None.

    Returns:
        A sentence, or "" if there is no suggestion.
    """
    command = getattr(context, "command", None)
    offered = {name for param in getattr(command, "params", ()) for name in param.opts}
    if "--policy" in offered and (match := _EXTRA.search(message)):
        return _policy_hint(match[1].split()[0])
    if "--set" in offered and (match := _OPTION.search(message)):
        return _parameter_hint(match[1].replace("-", "_"))
    return ""


def _policy_hint(word: str) -> str:
    """Return the advice to use --policy if the word is a policy, otherwise ""."""
    from abm.policies import registry

    is_policy = re.split(r"[:@+]", word)[0] in registry()
    return f"A policy follows an option: --policy {word}." if is_policy else ""


def _parameter_hint(name: str) -> str:
    """Return how to set the parameter `name` with --set, or "" if it does not exist."""
    from abm.scenario import Scenario
    from abm.scenario.tree import paths_of

    paths = [path for path in paths_of(Scenario()) if path.rpartition(".")[2] == name]
    return f"It is a parameter: --set {paths[0]}=VALUE." if paths else ""


def is_input(kind: str) -> bool:
    """Return whether an error class of this name reports invalid input."""
    return kind in ("SettingError", "WorldError")


def report_no_results(failures: Sequence[Failure]) -> int:
    """Report that every run failed, and return USAGE if invalid input is the only cause."""
    log(f"error: none of {len(failures)} runs succeeded; the first error: {failures[0]}")
    return USAGE if all(is_input(failure.kind) for failure in failures) else FAILED


def _one_line(text: object) -> str:
    """Return a text on one line, with a full stop unless it ends in a mark."""
    line = " ".join(str(text).split()) or "no error message"
    return line if line.endswith((".", "?", "!")) else line + "."


def _prepare_streams() -> None:
    """Print warnings in one line, and replace characters that the terminal cannot encode."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue]
    warnings.showwarning = lambda message, *rest, **more: log(f"warning: {_one_line(message)}")


def log(text: str) -> None:
    """Print a line to stderr, for progress, warnings, errors and file paths."""
    print(text, file=sys.stderr, flush=True)


def json_head(command: str, note: str = BANNER) -> dict[str, Any]:
    """Return the keys with which the JSON of every command starts."""
    from importlib.metadata import version

    return {"command": command, "version": version("twoborders"), "note": note}


def print_result(
    study: Any,
    as_json: bool,
    print_tables: Callable[[], object],
    *,
    partly: bool = False,
    write: Callable[[], object] = lambda: None,
) -> int:
    """Print a command's result, then write its files.

    The result is printed before a full disk can stop the command, and the files are written even if
    printing fails.

    Args:
        study: result, as a JSON object.
        as_json: whether to print `study` instead of the tables.
        print_tables: prints the tables, after the note on a world other than the packaged world.
        partly: whether some runs failed.
        write: writes the files.

    Returns:
        The exit code.
    """
    try:
        if as_json:
            print(json_text(study))
        else:
            if note := study.get("world_note"):
                from viz.cli import console

                console.line(f"{note}\n")
            print_tables()
        sys.stdout.flush()
    finally:
        write()
    return PARTLY if partly else OK
