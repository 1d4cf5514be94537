"""Map, chart and map of differences as components for Mesa's ``SolaraViz``."""

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
from viz.screen.panels.parts import widget_element
from viz.screen.session.frames import DAILY_FIGURES, FrameLog, FrameRecorder
from viz.screen.session.live_traits import float32_bytes, weekly_means
from viz.screen.widgets.traits import DifferenceMap, FlowMap, LiveChart
from viz.screen.widgets.world import smallest_difference, world_payload

View = Callable[[BorderModel], Any]


def map_view(*policies: str) -> View:
    """Return a component that shows people on the way, stops and deaths on a map.

    Args:
        policies: policies to add. The map then shows a second model, which has them.
    """

    @solara.component
    def Map(model: BorderModel):
        day, payload = _begin(model)
        log, title = _log(model, policies), "; ".join(policies)
        widget_element(FlowMap, **payload, title=title, frame=log.frame(day), serial=day)

    return Map


def series_view(name: str = "got_aways", *policies: str) -> View:
    """Return a component that shows a daily series as a seven-day mean.

    Args:
        name: name of the series, such as ``deaths``.
        policies: policies to add in a second model, whose series is a dashed line.

    Raises:
        SettingError: no series has this name.
    """
    check_name("name", name, DAILY_FIGURES)
    title = OUTCOMES[name].label if name in OUTCOMES else name

    @solara.component
    def Series(model: BorderModel):
        day, _ = _begin(model)
        logs = [_log(model, ()), _log(model, policies)][: 2 if policies else 1]
        values = {"ab"[i]: float32_bytes(weekly_means(x.series(name))) for i, x in enumerate(logs)}
        run = {"start": model.scenario.start.isoformat(), "days": model.scenario.days, "day": day}
        widget_element(LiveChart, title=title, text=title, **run, **values)

    return Series


def difference_view(*policies: str) -> View:
    """Return a component that shows on a map how policies change the flows.

    Args:
        policies: policies to add in a second model, which has the same seed and the same people.
    """

    @solara.component
    def Difference(model: BorderModel):
        day, payload = _begin(model)
        a, b = (_log(model, each).frame(day) for each in ((), policies))
        smallest, title = smallest_difference(model.scenario.scale), "; ".join(policies)
        more = {"frame_a": a, "frame_b": b, "smallest": smallest, "title": title}
        widget_element(DifferenceMap, **payload, serial=day, **more)

    return Difference


def _begin(model: BorderModel) -> tuple[int, dict[str, Any]]:
    """Render again after every step, and return the day and the traits that all maps share."""
    update_counter.get()
    world = solara.use_memo(lambda: world_payload(model.world), [id(model)])
    return model.ledger.day, {"world": world, "answers": False, "text": f"{model.date}"}


def _log(model: BorderModel, policies: tuple[str, ...]) -> FrameLog:
    """Return the frames, up to the current day, of a model or of a second model with `policies`."""
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
