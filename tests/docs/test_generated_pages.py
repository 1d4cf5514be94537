"""Pages and blocks that are generated from the code or from a record.

`python -m tests.docs.test_generated_pages` writes the current text of all of them.
"""

from __future__ import annotations

import csv
import inspect
import json
import re
import textwrap
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

from abm.causal_page import causal_loops_markdown
from abm.measures.criteria_page import criteria_markdown
from abm.policies.policies_page import policies_markdown
from abm.scenario.parameters_page import reference_markdown
from abm.world.reference import columns_markdown, words_markdown
from agents.levers import LEVERS
from benchmarks.cluster import cluster_markdown
from benchmarks.conflicts import conflicts_markdown
from experiments.calibration import ensemble
from experiments.rows.calibration import parameter_rows
from experiments.validation.validate import Validation
from tests.laws.predictions import RESULTS, predictions_markdown
from tests.page_blocks import with_block
from viz.cli.calibrate import HEADS, width_cells, width_summary
from viz.cli.commands_page import commands_markdown
from viz.cli.elasticities import elasticities_markdown
from viz.cli.progress import duration
from viz.documents.claims import claims_markdown
from viz.documents.labels import markdown_row
from viz.documents.model_pictures import day_svg, money_svg, path_svg
from viz.documents.validation.page import read
from viz.documents.validation.tables import ValidationTables, ValidationText
from viz.screen.words import Words

DOCS = Path(__file__).resolve().parents[2] / "docs"
TIMES = DOCS / "reference" / "times.toml"
_QUOTED = re.compile(
    r"(<!-- source: ([\w.]+):([\w.]+) -->\n)(?:\n```python\n.*?^```\n)?", re.M | re.S
)


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    return "".join(map(markdown_row, [heads, ["---"] * len(heads), *rows])).rstrip("\n")


def levers() -> str:
    """Return all levers as a table."""
    where = {"deadline": "days until a deadline, and group"}
    rows = [[f"`{n}`", where.get(v.by, v.by), v.unit, v.doc] for n, v in LEVERS.items()]
    return table(["lever", "acts on", "unit", "meaning"], rows)


def times() -> str:
    """Return the recorded times as a table."""
    cells = []
    for row in tomllib.loads(TIMES.read_text(encoding="utf-8"))["time"]:
        command = f"`{row['command']}`" + (f", {row['when']}" if "when" in row else "")
        wall = row.get("wall_s", 0)
        took = duration(wall) if wall >= 60 else f"{wall} s" if wall else ""
        work = f"{row['cpu_s']:,} s" if "cpu_s" in row else ""
        cells.append([command, took, work, row["machine"], row["date"]])
    return table(["command", "time", "processor time", "machine", "measured"], cells)


def widths() -> str:
    """Return every uncertain parameter's width in the packaged ensemble, and the misses."""
    # The calibration writes this file with the ensemble.
    fit = ensemble.SHIPPED.with_name("fit.json")
    coverage = json.loads(fit.read_text(encoding="utf-8"))["coverage"] if fit.exists() else {}
    rows = parameter_rows(ensemble.read().members, coverage)
    return f"{width_summary(rows)}\n\n{table(list(HEADS), width_cells(rows))}"


def criteria() -> str:
    """Return the table of criteria without its title, with headings one level lower."""
    return re.sub(r"^#", "##", criteria_markdown().partition("\n\n")[2], flags=re.MULTILINE)


def elasticities() -> str:
    """Return the record of `twoborders elasticities --out docs/records` as a table."""
    record = (DOCS / "records" / "elasticities.json").read_text(encoding="utf-8")
    return elasticities_markdown(json.loads(record))


def claims() -> str:
    """Return the record of `twoborders effects --markdown` as the table of claims."""
    with (DOCS / "records" / "claims_0_2.csv").open(encoding="utf-8") as earlier:
        study = json.loads((DOCS / "records" / "effects.json").read_text(encoding="utf-8"))
        return claims_markdown(study, csv.DictReader(earlier))


def predicted() -> str:
    """Return the record of `python -m tests.laws.predictions` as a table."""
    return predictions_markdown(json.loads(RESULTS.read_text(encoding="utf-8")))


def conflicts() -> str:
    """Return the record of `python -m benchmarks.conflicts` as tables."""
    record = (DOCS / "records" / "conflicts.json").read_text(encoding="utf-8")
    return conflicts_markdown(json.loads(record))


def source(module: str, name: str) -> str:
    """Return a function's or method's source."""
    return textwrap.dedent(
        inspect.getsource(reduce(getattr, name.split("."), import_module(module)))
    )


def quoted(page: str) -> str:
    """Return a page with the current source code after every comment that names an object."""
    return _QUOTED.sub(lambda m: f"{m[1]}\n```python\n{source(m[2], m[3])}```\n", page)


def refill(page: str, validation: Validation) -> str:
    """Return a documentation page with current table rows.

    The heads identify a table. A table of parts keeps its selection of patterns, such as H1 and
    H2. Two kinds of rows are left out: scores of single held-out figures, and parts of 2014 in the
    table without announcements, because the plan of 2014 has no announcement.
    """
    scores = tuple(score for score in validation.scores if score.series != "held_out")
    changed = tuple(part for part in validation.unannounced if part.target.episode == "2019")
    only = replace(validation, scores=scores, unannounced=changed)
    tables = ValidationTables(ValidationText(Words("en")), only)
    others = (tables.supplies(), tables.scores(), tables.unannounced(), tables.line_changes())
    by_head = {markdown_row(table.heads).strip(): table for table in (*others, tables.estimates())}
    parts, blocks = tables.parts(), page.split("\n\n")
    for i, block in enumerate(blocks):
        head, _, *lines = block.split("\n") if block.startswith("| ") else ("", "")
        if head == markdown_row(parts.heads).strip():
            patterns = {line.split()[1] for line in lines}
            chosen = [row for row in parts.rows if row[0].text.split()[0] in patterns]
            blocks[i] = replace(parts, rows=chosen).markdown().rstrip("\n")
        elif head in by_head:
            blocks[i] = by_head[head].markdown().rstrip("\n")
    return "\n\n".join(blocks)


#: Functions that convert a page's text to its current text.
PAGES: list[tuple[str, Callable[[str], str]]] = [
    ("background/causal_loops.md", lambda _: causal_loops_markdown()),
    ("pictures/model-day.svg", lambda _: day_svg()),
    ("pictures/model-path.svg", lambda _: path_svg()),
    ("pictures/model-money.svg", lambda _: money_svg()),
    ("reference/commands.md", lambda _: commands_markdown()),
    ("reference/parameters.md", lambda _: reference_markdown()),
    ("reference/outcomes.md", lambda page: with_block(page, "criteria", criteria())),
    ("reference/policies.md", lambda _: policies_markdown()),
    ("background/validation.md", lambda page: refill(page, read())),
    ("background/validation.md", lambda page: with_block(page, "widths", widths())),
    ("internals/plain_engine.md", quoted),
    ("guides/add_a_policy.md", lambda page: with_block(page, "levers", levers())),
    ("reference/claims.md", lambda page: with_block(page, "claims", claims())),
    ("reference/claims.md", lambda page: with_block(page, "predictions", predicted())),
    ("reference/claims.md", lambda page: with_block(page, "elasticities", elasticities())),
    ("reference/output.md", lambda page: with_block(page, "times", times())),
    ("guides/clusters.md", lambda page: with_block(page, "cluster", cluster_markdown())),
    ("guides/worlds.md", lambda page: with_block(page, "columns", columns_markdown())),
    ("guides/worlds.md", lambda page: with_block(page, "words", words_markdown())),
    ("guides/worlds.md", lambda page: with_block(page, "conflicts", conflicts())),
]


@pytest.mark.parametrize(("name", "present"), PAGES, ids=[name for name, _ in PAGES])
def test_a_page_is_current(name: str, present: Callable[[str], str]):
    """If this test fails, run python -m tests.docs.test_generated_pages."""
    text = (DOCS / name).read_text(encoding="utf-8")
    assert text == present(text)


if __name__ == "__main__":
    for name, present in PAGES:
        page = DOCS / name
        page.write_text(present(page.read_text(encoding="utf-8")), encoding="utf-8")
