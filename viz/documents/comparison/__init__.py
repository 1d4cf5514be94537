"""The comparison as a self-contained page, and its pictures as single SVG files."""

from viz.documents.comparison.page import report_html
from viz.documents.comparison.sentences import arm_sentence, trade_off
from viz.figures.forest import interval_svg
from viz.figures.inputs import (
    ArmReport,
    CompareReport,
    EnsembleInfo,
    Interval,
    MapData,
    OutcomeInfo,
    OutcomeRow,
    UntilInfo,
)
from viz.figures.route_map import flow_map_svg
from viz.figures.series import series_svg

__all__ = [
    "ArmReport",
    "CompareReport",
    "EnsembleInfo",
    "Interval",
    "MapData",
    "OutcomeInfo",
    "OutcomeRow",
    "UntilInfo",
    "arm_sentence",
    "flow_map_svg",
    "interval_svg",
    "report_html",
    "series_svg",
    "trade_off",
]
