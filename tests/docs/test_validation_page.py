"""The tables of the validation page hold the figures of the packaged validation."""

import dataclasses

from experiments.runs.intervals import Interval
from viz.documents.validation.kept import read
from viz.documents.validation.markdown import PAGE, figure, refill


def test_the_tables_are_those_of_the_packaged_validation():
    """If this fails: python -m viz.documents.validation.markdown."""
    page = PAGE.read_text(encoding="utf-8")
    assert refill(page, read()) == page


def test_another_validation_changes_its_rows_and_no_other_text():
    rows, page = read(), PAGE.read_text(encoding="utf-8")
    parts = [
        dataclasses.replace(part, simulated=Interval.exactly(-12.3))
        if part.target.id == "H1.northern_triangle"
        else part
        for part in rows.validation.parts
    ]
    changed = dataclasses.replace(
        rows, validation=dataclasses.replace(rows.validation, parts=tuple(parts))
    )
    before, after = page.split("\n"), refill(page, changed).split("\n")
    assert len(before) == len(after) and [x for x in before if x[:1] != "|"] == [
        x for x in after if x[:1] != "|"
    ]
    new = set(after) - set(before)
    assert new and all("-12.3" in line for line in new)


def test_figures_are_formatted_by_unit():
    units = ["%", "events", "ratio", "share"]
    assert [figure(v, u) for v, u in zip([1.25, 1234.5, 0.456, 0.4567], units, strict=True)] == [
        "+1.2",
        "1,234",
        "0.46",
        "0.457",
    ]
    assert figure(float("nan"), "%") == ""
