"""Build the page of a validation, misses first, and read the packaged results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from experiments.rows.validation import read_validation
from experiments.studies.forecast import OUTCOMES, Forecast, read_forecast
from experiments.validation.backtests import LAST, recorded
from experiments.validation.episodes import DECLARED, STAFF_FACTORS, SUPPLIES, SURGE
from experiments.validation.validate import PartResult, Validation
from viz.documents.html import (
    Cell,
    Section,
    Table,
    grid,
    html_page,
    reproduction,
    seeds_text,
    table_section,
    text_list,
)
from viz.documents.validation.tables import (
    PAGE_COLUMNS,
    ValidationTables,
    ValidationText,
    Wording,
    score_table,
)
from viz.figures import validation as figures
from viz.figures.forecast import describe_forecast, plot_forecast
from viz.figures.markup import el, esc
from viz.figures.style import MONTHS
from viz.figures.svg import svg

#: Output of ``twoborders validate`` that the screen shows, unmodified.
SHIPPED = Path(__file__).with_name("kept.json")
#: Output of ``twoborders forecast backtest`` that the screen shows, unmodified.
BACKTEST = Path(__file__).with_name("backtest.json")

_HOW = ("base", "staff", "surge", "episodes", "medians")  # keys of the sentences on the method
_LABELS = ("model", "inner", "outer", "record", "held", "means", "to", "after", *MONTHS)


def read() -> Validation:
    """Read the packaged validation."""
    return read_validation(json.loads(SHIPPED.read_text(encoding="utf-8")))


def forecast_words(text: ValidationText) -> dict[str, str]:
    """Return the texts of a forecast chart by key."""
    words = {key: text(f"label.{key}") for key in _LABELS}
    words |= {name: text(f"forecast_of.{name}") for name in OUTCOMES}
    return words | {"model": text("median"), "held": text("ahead"), "unit": text("ahead_unit")}


def forecast_chart(text: ValidationText, forecast: Forecast, following: Mapping[str, Any]) -> str:
    """Draw a forecast and the later record as SVG, one panel per outcome."""
    words = forecast_words(text)
    figure = plot_forecast(forecast, words, following)
    return svg(figure, words["held"], describe_forecast(forecast, words), class_="series")


def backtest(text: ValidationText) -> tuple[Table, str, str]:
    """Return the scores of the packaged backtest, their explanation, and one forecast chart."""
    rows = json.loads(BACKTEST.read_text(encoding="utf-8"))["scores"]
    forecast = read_forecast(BACKTEST)
    months, recent = len(forecast.months), recorded(LAST).values
    chart = forecast_chart(text, forecast, {name: recent[name][-months:] for name in recent})
    return score_table(text, rows), text("backtest_help").format(**forecast.inputs), chart


def validation_html(words: Wording, validation: Validation, command: str) -> str:
    """Build the page of a validation for readers who do not know the model.

    Args:
        words: texts in one language, such as ``viz.screen.words.Words("en")``.
        validation: the result.
        command: command line that repeats the validation.

    Returns:
        The HTML document, which needs no network and no script.
    """
    text = ValidationText(words)
    sections = ValidationSections(text, validation)
    digests = [
        (f"Digest of the settings, {role}", digest) for role, digest in validation.digests.items()
    ]
    columns = PAGE_COLUMNS | {"accepted": _accepted}
    supplies = text("supplies_help").format(declared=DECLARED)
    parts = [
        Section("short", "Summary", "Summary", sections.counts().html(), text("lead")),
        Section("misses", "Misses", text("misses"), sections.misses()),
        table_section("parts", "All parts", sections.parts(columns), text("parts_source")),
        table_section("sectors", "Sectors", sections.sectors(), ""),
        sections.months(),
        table_section("supplies", "Supplies", sections.supplies(), supplies),
        table_section("naive", "Naive forecasts", sections.forecasts(), text("naive_help")),
        table_section("scores", "Scores", sections.scores(), text("scores_help")),
        table_section("levels", "Levels", sections.levels(), text("levels_help")),
        table_section("doses", "Doses", sections.doses(), text("doses_help")),
        table_section("announced", "News", sections.unannounced(), text("unannounced_title")),
        table_section("line", "Parts", sections.line_changes(), text("line_help")),
        table_section("estimator", "Estimator", sections.estimates(), text("estimator_help")),
        sections.method(),
        reproduction("again", command, [("Seeds", seeds_text(validation.seeds)), *digests]),
    ]
    facts, question = text.replicates(validation), text("question")
    return html_page(parts, brand="validation", title=text("title"), question=question, facts=facts)


def _accepted(text: ValidationText, part: PartResult) -> Cell:
    """Return the tolerance above a picture, in which it has the same place in every row."""
    words, label = text.accepted(part.target), text.label(part.target)
    picture = figures.draw_fact(part, label) if part.target.judged else ""
    return Cell(words, markup=esc(words) + picture)


class ValidationSections(ValidationTables):
    """Tables, charts, lists and sections of a validation in one language."""

    def misses(self) -> str:
        """Return the parts outside their tolerance as sentences with pictures, worst first."""
        items = [self._miss(part) for part in self.validation.misses]
        return el("ol", *items, class_="tb-misses") if items else el("p", esc(self.text("no_miss")))

    def _miss(self, part: PartResult) -> str:
        """Return one miss as a list item: a sentence, the measure, the code and a picture."""
        text, target, sentence = self.text, part.target, self.text.sentence(part)
        values = (part.simulated.median, target.low, target.high)
        median, *ends = (text.plain(value, target.unit) for value in values)
        digits = int(median in ends)  # Another digit shows that a near miss is outside its band.
        code = el("b", esc(target.pattern)) + esc(text(f"short.{target.kind}"))
        measure = el("p", esc(text.words.translate(target.label)), class_="tb-note")
        figure = partial(text.plain, unit=target.unit, digits=digits)
        picture = figures.draw_fact(part, sentence, figure)
        head = el("div", el("h3", esc(sentence)), measure)
        return el("li", head, el("p", code, class_="tb-code"), picture)

    def months(self) -> Section:
        """Return the section on monthly series, which is empty if no series exist."""
        title, charts = f"{self.text('months_title')}, 2014 and 2019", grid(self.monthly_charts())
        return Section("months", "Monthly series", title, charts, self.text("months_help"))

    def monthly_charts(self) -> list[str]:
        """Draw apprehensions by group and Mexico's share, one chart per episode and series."""
        labels = {key: self.text(f"label.{key}") for key in _LABELS}
        charts = []
        for bands in self.validation.bands.values():
            years = f"{bands.months[0][:4]}–{bands.months[-1][:4]}"
            for name in ("northern_triangle", "mexican", "mexico_share"):
                is_share = name == "mexico_share"
                title = f"{self.text('share_title' if is_share else name)}, {years}"
                unit = self.text("share_unit" if is_share else "months_unit")
                words: dict[str, Any] = {"share": is_share, "labels": labels}
                ax = figures.plot_bands(bands, name, title=title, unit=unit, **words)
                description = figures.describe_bands(bands, name, **words)
                charts.append(svg(ax, title, description, class_="series"))
        return charts

    def method(self) -> Section:
        """Return the section on the method, with the failed runs."""
        factors = " / ".join(f"{factor:g}" for factor in STAFF_FACTORS)
        numbers = {"factors": factors, "surge": f"{SURGE:g}", "supply": SUPPLIES[DECLARED]}
        sentences = [self.text(f"how.{key}").format(**numbers) for key in _HOW]
        lost = [f"Left out, failed: {failure}" for failure in self.validation.failures]
        return Section("method", "Method", "Method", text_list("ol", (*sentences, *lost)))
