"""The comparison as a self-contained page, and its pictures as single SVG files."""

from viz.report.flowmap import flow_map_svg
from viz.report.forest import interval_svg
from viz.report.inputs import (
    ArmReport,
    CompareReport,
    EnsembleInfo,
    Interval,
    MapData,
    OutcomeInfo,
    OutcomeRow,
    UntilInfo,
)
from viz.report.page import report_html
from viz.report.sentences import arm_sentence, trade_off
from viz.report.series import series_svg

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
