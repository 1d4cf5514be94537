"""``twoborders replay``: write a page that replays a scenario without and with policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from abm.model import BorderModel
from abm.output_files import check_output
from abm.scenario import Scenario
from agents.param import check_name
from experiments.runs.files import write_text
from experiments.runs.study_inputs import with_policies
from viz.cli.folders import prepare_folder
from viz.cli.inputs import read_policies, read_scenario
from viz.cli.progress import bar
from viz.cli.shell import OK
from viz.screen.exports.replay import replay_html
from viz.screen.exports.view import View
from viz.screen.session.frames import FrameLog, FrameRecorder
from viz.screen.words import LANGUAGES, Words

if TYPE_CHECKING:
    from viz.cli.app import Replay


def command(options: Replay) -> int:
    """Run A without the policies and B with them, write the page, and return the exit code."""
    check_name("--language", options.language, LANGUAGES)
    prepare_folder(options.out.parent)
    check_output(options.out, "--out")
    scenario = read_scenario(options)
    specs = tuple(spec for arm in read_policies(scenario, options.policies) for spec in arm)
    worlds = [scenario, with_policies(scenario, specs)] if specs else [scenario]
    with bar("Days", sum(scenario.days for scenario in worlds)) as step:
        logs = [_record(scenario, options.seed, step) for scenario in worlds]
    view = View(worlds, options.seed, logs, 1, Words(options.language))
    print(write_text(options.out, replay_html(view)))
    return OK


def _record(scenario: Scenario, seed: int, step: Callable[[], None]) -> FrameLog:
    """Run a world and return its frames, one per day."""
    recorder = FrameRecorder(BorderModel(scenario, rng=seed))
    for _ in range(scenario.days):
        recorder.model.run_for(1)
        recorder.record()
        step()
    return recorder.log
