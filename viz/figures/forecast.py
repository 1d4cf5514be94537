"""Fan chart of a forecast: the known months, then the median with 50 % and 90 % bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from experiments.rows.forecast import forecast_bands
from experiments.studies.forecast import Forecast
from viz.figures import style
from viz.figures.validation import describe_bands, plot_bands

_TALL = 330.0  # height of a panel, points


def plot_forecast(
    forecast: Forecast, words: Mapping[str, str], following: Mapping[str, np.ndarray]
) -> Figure:
    """Plot a forecast with one panel per outcome.

    Args:
        forecast: forecast to plot, with the known months before it.
        words: title of each outcome, the unit, and the labels for ``plot_bands``.
        following: recorded persons in the forecast months by outcome, if they are known.

    Returns:
        The figure.
    """
    bands = forecast_bands(forecast, following)
    figure = style.new_figure(2.0 * style.WIDTH, _TALL * len(forecast.samples) / 2.0)
    for k, name in enumerate(forecast.samples):
        left, top = (k % 2) * style.WIDTH, _TALL * (k // 2)
        axes = style.add_axes(figure, left + 62.0, top + 88.0, style.WIDTH - 72.0, 190.0)
        texts: Any = {"title": words[name], "unit": words["unit"], "labels": words}
        plot_bands(bands, name, ax=axes, **texts)
    return figure


def describe_forecast(forecast: Forecast, words: Mapping[str, str]) -> str:
    """Return the text alternative of :func:`plot_forecast`."""
    bands = forecast_bands(forecast, {})
    return " ".join(describe_bands(bands, name, labels=words) for name in forecast.samples)
