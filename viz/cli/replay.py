"""``twoborders replay``: a scenario without and with policies as a page that plays anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from abm.scenario import Scenario, SettingError
from viz.cli.files import ready, write
from viz.cli.progress import bar
from viz.cli.run_options import Words, read_policies, read_scenario
from viz.cli.shell import OK
from viz.screen.frames import FrameLog, FrameRecorder
from viz.screen.words import LANGUAGES
from viz.screen.words import Words as Language

CHARTED = ("got_aways", "unlawful_entries", "apprehended_mexico", "deaths")


def command(words: Words, *, language: str, out: Path) -> int:
    """Play world A, the scenario, and world B, with the policies as well; write the page."""
    from viz.screen.exports.replay import replay_html
    from viz.screen.exports.view import View

    if language not in LANGUAGES:
        hint = f"Give one of {', '.join(LANGUAGES)}."
        raise SettingError("--language", f"there is no {language}", hint)
    if out.is_dir():
        raise SettingError("--out", f"{out} is a folder", "Give the name of a file.")
    ready(out.parent)
    worlds = _worlds(words)
    with bar("Days", sum(scenario.days for scenario in worlds)) as step:
        reels = [_filmed(scenario, words.seed, step) for scenario in worlds]
    view = View(worlds, words.seed, reels, 1, Language(language), CHARTED)
    print(write(out, replay_html(view)))
    return OK


def _worlds(words: Words) -> list[Scenario]:
    """A and, where policies are named, B."""
    scenario = read_scenario(words)
    uses = [use for arm in read_policies(scenario, words.policies) for use in arm]
    if not uses:
        return [scenario]
    return [scenario, scenario.with_settings({"policies": (*scenario.policies, *uses)})]


def _filmed(scenario: Scenario, seed: int, step: Callable[[], None]) -> FrameLog:
    """What is seen of a world from the first day to the last."""
    from abm.model import BorderModel

    camera = FrameRecorder(BorderModel(scenario, rng=seed))
    for _ in range(scenario.days):
        camera.model.run_for(1)
        camera.record()
        step()
    return camera.reel
