"""Export a scenario as TOML, and import one as a visitor's choice.

An upload is not trusted: it is text of limited length, cannot refer to a file, and sets only values
that the screen itself can set.
"""

from __future__ import annotations

import dataclasses
from pathlib import PurePosixPath
from typing import Any

from abm.scenario import Scenario, SettingError, load_scenario, parameters
from abm.supply_file import is_supply_file
from agents.param import hidden_in, plain
from experiments.scenarios import find, names
from viz.screen.exports.view import View
from viz.screen.session.choice import Choice, changed_numbers
from viz.screen.session.visitors import ALONE

#: [A] Limits of letters in a scenario and of dots in one of its lines. A full scenario with all
#: comments has 40,000 letters; parsing a name of 40,000 dotted parts takes half a minute.
_MAX_LETTERS, _MAX_DOTS = 100_000, 500


def scenario_toml(view: View, world: int) -> str:
    """Return the scenario of a world as TOML.

    Args:
        view: the worlds.
        world: world A (0) or B (1).

    Returns:
        The file, with notes and the command that runs it as comments.
    """
    command = f"twoborders run --scenario world-{'ab'[world]}.toml --seed {view.seed}"
    notes = (view.words("take.toml_note"), view.words("note"), command)
    return "".join(f"# {line}\n" for line in notes) + view.scenarios[world].to_toml()


def read_scenario(text: str, choice: Choice, world: int) -> Choice:
    """Apply the scenario in a TOML text to one world in a choice.

    Args:
        text: the scenario.
        choice: the current choice, whose seed and other world stay.
        world: the world that gets the policies. Days, scale and parameters are set for both.

    Returns:
        The new choice.

    Raises:
        SettingError: if the scenario is invalid or has settings that the screen cannot represent.
    """
    # only "\n" ends a line of TOML: a quoted name may contain other line separators
    if len(text) > _MAX_LETTERS or any(line.count(".") > _MAX_DOTS for line in text.split("\n")):
        hint = f"Give at most {_MAX_LETTERS:,} letters and {_MAX_DOTS} dots in a line."
        raise SettingError("TOML", "the text is too long for a scenario", hint)
    scenario = load_scenario(text, "", _packaged)
    if is_supply_file(scenario.supply):  # before its digest, which reads the file
        hint = "Run the scenario with twoborders run --scenario."
        raise SettingError("supply", "a supply file cannot be used on the screen", hint)
    policies: dict[str, Any] = {"ab"[world]: tuple(map(str, scenario.policies))}
    shared = {"days": scenario.days, "scale": scenario.scale, "numbers": changed_numbers(scenario)}
    new = dataclasses.replace(choice, **policies, **shared)
    _check_complete(scenario, new.scenario(world))
    new.scenario(1 - world)
    return new


def _packaged(name: str) -> Scenario:
    """Return a packaged scenario without reading other files of this machine."""
    if name not in names():
        hint = f"Give one of {', '.join(names())}."
        raise SettingError("extends", f"{plain(name)} is not a packaged scenario", hint)
    return find(name)


def _check_complete(scenario: Scenario, result: Scenario) -> None:
    """Raise an error if the screen would run another scenario than the file. Names may differ."""
    named = scenario.with_settings({"name": result.name, "doc": result.doc})
    if named.digest != result.digest:
        settings = settings_by_path(result)
        lost = [path for path, value in settings_by_path(named).items() if settings[path] != value]
        hint = "Remove it, or run the file with twoborders run --scenario."
        raise SettingError(", ".join(lost[:5]), "this setting is not available on the screen", hint)


def settings_by_path(scenario: Scenario) -> dict[str, Any]:
    """Return every setting by its path."""
    values = scenario.to_mapping().items()
    top = {k: v for k, v in values if not dataclasses.is_dataclass(getattr(scenario, k))}
    return top | {row.path: row.value for row in parameters(scenario)}


def read_upload(name: str, data: bytes, limit: int = ALONE.body) -> str:
    """Return the text of an uploaded file without writing to disk.

    Args:
        name: the file's name, as the browser reports it. Only its last part and ending are used.
        data: content of the file.
        limit: largest size in bytes.

    Returns:
        The text.

    Raises:
        SettingError: for a file that has another type, is too large, or is not text.
    """
    name = PurePosixPath(name.replace("\\", "/")).name
    text, reason = "", ""
    if not name.lower().endswith(".toml"):
        reason = "only TOML files are accepted"
    elif len(data) > limit:
        reason = f"{len(data):,} bytes are too many"
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            reason = f"it is not text in UTF-8 (byte {error.start})"
    if hidden := hidden_in(text.replace("\r", ""), lines=True):
        reason = f"it contains the character {hidden}"
    if reason:
        hint = f"Upload a scenario in TOML, in UTF-8, of at most {limit:,} bytes."
        raise SettingError(f"upload {plain(name)}", reason, hint)
    return text
