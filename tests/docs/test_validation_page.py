"""The tables on the validation page hold the figures of the packaged validation."""

import dataclasses

from experiments.runs.intervals import Interval
from tests.docs.test_generated_pages import DOCS, refill
from viz.documents.validation.page import read


def test_another_validation_changes_its_rows_and_no_other_text():
    validation, page = read(), (DOCS / "background" / "validation.md").read_text(encoding="utf-8")
    parts = [
        dataclasses.replace(part, simulated=Interval.exactly(-12.3))
        if part.target.id == "H1.northern_triangle"
        else part
        for part in validation.parts
    ]
    changed = dataclasses.replace(validation, parts=tuple(parts))
    before, after = page.split("\n"), refill(page, changed).split("\n")
    assert len(before) == len(after) and [x for x in before if x[:1] != "|"] == [
        x for x in after if x[:1] != "|"
    ]
    new = set(after) - set(before)
    assert new and all("−12.3" in line for line in new)
