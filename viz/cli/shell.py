"""What every command shares: one line for an error, the exit code, one JSON object.

A command returns its exit code (None is 0). Bad input raises ``SettingError`` or ``WorldError``.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from typer.core import TyperGroup

OK, FAILED, USAGE, PARTLY, INTERRUPTED = 0, 1, 2, 3, 130
BANNER = "Model output within stated priors, not a forecast."
_STOPPED = (
    "interrupted: what was running is lost and no file is half-written. The same command starts "
    "again; fewer --days or --reps, or a larger --scale, finish sooner."
)


class Stopped(Exception):
    """An interrupt that a command tells of in words of its own."""


class Shell(TyperGroup):
    """The commands, with errors told in one line and turned into exit codes."""

    def main(
        self,
        args: Any = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command; in stand-alone mode exit with its code, else return it."""
        words = list(sys.argv[1:] if args is None else args)
        debug = "--debug" in words
        words = [word for word in words if word != "--debug"]
        _prepare_streams()
        run = super().main
        code = guarded(
            lambda: run(words, "twoborders", complete_var, False, windows_expand_args, **extra),
            debug,
        )
        if standalone_mode:
            sys.exit(code)
        return code


def guarded(command: Callable[[], Any], debug: bool = False) -> int:
    """Run a command; tell what went wrong in one line on stderr and give the exit code."""
    try:
        code = command()
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        # the reader has seen enough, as in `twoborders policies | head`; typer turns this into
        # an exit with code 1, and nothing else here exits by itself
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (KeyboardInterrupt, EOFError):
        code = INTERRUPTED
    except Exception as error:
        if debug:
            traceback.print_exc()
        return _tell(error)
    if code == INTERRUPTED:
        say(_STOPPED)
    return int(code or OK)


def _tell(error: Exception) -> int:
    """Say what is wrong in one line; give the code."""
    if hasattr(error, "format_message"):  # of the command line itself
        command = getattr(getattr(error, "ctx", None), "command_path", "twoborders")
        say(f"error: {_line(error.format_message())} See {command} --help.")  # pyright: ignore
        return USAGE
    if is_input(type(error).__name__):
        say(f"error: {_line(error)}")
        return USAGE
    if isinstance(error, Stopped):
        say(_line(error))
        return INTERRUPTED
    if type(error).__name__ == "Abort":
        say(_STOPPED)
        return INTERRUPTED
    say(f"error: {type(error).__name__}: {_line(error)} Add --debug to see where.")
    return FAILED


def is_input(kind: str) -> bool:
    """Whether an error of this name is about what the user gave, not about the program."""
    return kind in ("SettingError", "WorldError")


def _line(error: object) -> str:
    """One line, however many the text has, with a full stop."""
    text = " ".join(str(error).split()) or "no further word"
    return text if text.endswith((".", "?", "!")) else text + "."


def _prepare_streams() -> None:
    """Warnings in one line; letters that a terminal lacks must not stop the program."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue]
    warnings.showwarning = lambda message, *rest, **more: say(f"warning: {_line(message)}")


def say(text: str) -> None:
    """A line on stderr: progress, warnings, errors, where files are."""
    print(text, file=sys.stderr, flush=True)


def print_json(answer: Any) -> None:
    """The one JSON object of a command, on stdout."""
    print(json_text(answer))


def json_text(answer: Any) -> str:
    """Strict JSON: what is not a number becomes null; arrays become lists."""
    return json.dumps(plain_values(answer), indent=2, ensure_ascii=False, allow_nan=False)


def plain_values(value: Any) -> Any:
    """Mappings, lists, texts and finite numbers, from whatever the runs gave."""
    if isinstance(value, dict):
        return {str(key): plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    if hasattr(value, "tolist"):  # numpy, which is not imported here
        return plain_values(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
