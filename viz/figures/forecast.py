"""The fan chart of a forecast: the known months, then the median with 50 and 90 % bands."""

from __future__ import annotations

from matplotlib.figure import Figure

from abm.measures import OUTCOMES as MEASURES
from experiments.rows.forecast import forecast_bands
from experiments.studies.forecast import Forecast
from viz.figures import style
from viz.figures.validation import describe_bands, plot_bands

_TALL = 330.0  # points, of a panel
LABELS = {
    "model": "median",
    "inner": "50 %",
    "outer": "90 %",
    "record": "record",
    "held": "forecast",
    "means": "Mean persons a month",
    "to": "to",
    "after": "after",
}
_TITLES = {
    "apprehended_us_mexican": "Apprehended by the U.S., Mexicans",
    "apprehended_us_northern_triangle": "Apprehended by the U.S., Northern Triangle",
}


def plot_forecast(forecast: Forecast) -> Figure:
    """Plot every outcome below the others.

    Args:
        forecast: the forecast.

    Returns:
        The figure.
    """
    bands = forecast_bands(forecast)
    figure = style.new_figure(2.0 * style.WIDTH, _TALL * len(forecast.samples) / 2.0)
    for k, name in enumerate(forecast.samples):
        left, top = (k % 2) * style.WIDTH, _TALL * (k // 2)
        axes = style.add_axes(figure, left + 62.0, top + 88.0, style.WIDTH - 72.0, 190.0)
        title = _TITLES.get(name) or MEASURES[name].label
        plot_bands(bands, name, title=title, unit="persons a month", labels=LABELS, ax=axes)
    return figure


def describe_forecast(forecast: Forecast) -> str:
    """Return the text alternative for :func:`plot_forecast`."""
    bands = forecast_bands(forecast)
    return " ".join(describe_bands(bands, name, labels=LABELS) for name in forecast.samples)
