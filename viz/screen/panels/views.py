"""The map, the series and the difference of the screen as components of Mesa's ``SolaraViz``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara
from mesa.visualization.utils import update_counter

from abm.measures import OUTCOMES
from abm.model import BorderModel
from abm.scenario import parse_policy
from agents.param import check_name
from experiments.runs.warmup import start_model
from viz.screen.panels.parts import widget
from viz.screen.session.frames import DAILY, FrameLog, FrameRecorder
from viz.screen.session.live_traits import float32_bytes, weekly_means
from viz.screen.widgets.traits import DifferenceMap, FlowMap, LiveChart
from viz.screen.widgets.world import smallest_difference, world_payload

View = Callable[[BorderModel], Any]


def map_view(*policies: str) -> View:
    """Return a component for ``SolaraViz``: people on the way, stops and deaths on the map.

    Args:
        policies: policies in addition to the model's, of which the map shows a second model.
    """

    @solara.component
    def Map(model: BorderModel):
        day, payload = _begin(model)
        log, title = _log(model, policies), "; ".join(policies)
        widget(FlowMap, **payload, title=title, frame=log.frame(day), serial=day)

    return Map


def series_view(name: str = "got_aways", *policies: str) -> View:
    """Return a component for ``SolaraViz``: a daily figure as seven-day mean.

    Args:
        name: the figure, such as ``deaths``.
        policies: policies in addition to the model's, whose figure is a second, dashed line.

    Raises:
        SettingError: there is no such figure.
    """
    check_name("name", name, DAILY)
    title = OUTCOMES[name].label if name in OUTCOMES else name

    @solara.component
    def Series(model: BorderModel):
        day, _ = _begin(model)
        logs = [_log(model, ()), _log(model, policies)][: 2 if policies else 1]
        values = (float32_bytes(weekly_means(log.series(name))) for log in logs)
        run = {"start": model.scenario.start.isoformat(), "days": model.scenario.days, "day": day}
        widget(LiveChart, title=title, text=title, **run, **dict(zip("ab", values, strict=False)))

    return Series


def difference_view(*policies: str) -> View:
    """Return a component for ``SolaraViz``: how policies change the flows on the map.

    Args:
        policies: policies in addition to the model's. A second model of the same seed, with the
            same people, has them.
    """

    @solara.component
    def Difference(model: BorderModel):
        day, payload = _begin(model)
        a, b = (_log(model, each).frame(day) for each in ((), policies))
        smallest, title = smallest_difference(model.scenario.scale), "; ".join(policies)
        more = {"frame_a": a, "frame_b": b, "smallest": smallest, "title": title}
        widget(DifferenceMap, **payload, serial=day, **more)

    return Difference


def _begin(model: BorderModel) -> tuple[int, dict[str, Any]]:
    """Render again after every step, and return the day and what all maps need."""
    update_counter.get()
    world = solara.use_memo(lambda: world_payload(model.world), [id(model)])
    return model.ledger.day, {"world": world, "answers": False, "text": f"{model.date}"}


def _log(model: BorderModel, policies: tuple[str, ...]) -> FrameLog:
    """Return the frames of a model up to today, or of a second one with more policies."""
    recorders: dict[tuple[str, ...], FrameRecorder] = vars(model).setdefault("_view_recorders", {})
    if policies not in recorders:
        other = model
        if policies:
            used = [*model.scenario.policies, *map(parse_policy, policies)]
            scenario = model.scenario.with_settings({"policies": used})
            other = start_model(scenario, model.seed, model.world)
        recorders[policies] = FrameRecorder(other)
    recorder, day = recorders[policies], model.ledger.day
    if (missing := day - recorder.model.ledger.day) > 0:
        recorder.model.run_for(missing)
    if day > len(recorder.log):
        recorder.record()
    return recorder.log
