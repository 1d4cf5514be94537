"""Blocks of pages that are written from the code or from a record, and figures of texts.

`python -m tests.docs.test_blocks` writes the present blocks into the pages.
"""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import twoborders as tb
from abm.policies import registry
from abm.scenario import Scenario, declared_numbers, parameters
from agents.levers import LEVERS
from experiments.calibration import ensemble, priors
from experiments.calibration.calibrate import CalibrationPlan
from experiments.calibration.doses import EPISODES, TRIES
from experiments.comparison import compare, sequential
from experiments.studies import effects
from experiments.studies.ask.sizes import FULL, QUICK
from experiments.studies.optimise.study import OptimisationPlan
from experiments.validation import validate
from experiments.validation.episodes import count_runs
from tests.page_blocks import write_block
from viz.cli.progress import duration
from viz.documents.labels import markdown_row
from viz.documents.validation.kept import MEMBERS, read
from viz.screen.pages.validate import COMMANDS
from viz.screen.session.pairs import PAIRS
from viz.screen.session.summaries import FOLDER, unpack

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TIMES = DOCS / "reference" / "times.toml"


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    return "".join(map(markdown_row, [heads, ["---"] * len(heads), *rows])).rstrip("\n")


def levers() -> str:
    """Return all levers as a table."""
    where = {"deadline": "days until a deadline, and group"}
    rows = [[f"`{n}`", where.get(v.by, v.by), v.unit, v.doc] for n, v in LEVERS.items()]
    return table(["lever", "acts on", "unit", "meaning"], rows)


def statuses() -> str:
    """Return how many declared numbers have each status."""
    rows = declared_numbers(parameters(Scenario()))
    count = Counter(row.status for row in rows)
    names = ("sourced", "fitted [F]", "setting [S]", "assumed [A]")
    cells = [[name, str(count[name.split()[0]])] for name in names]
    return table(["status", "numbers"], [*cells, ["all", str(len(rows))]])


def times() -> str:
    """Return the record of measured times as a table."""
    cells = []
    for row in tomllib.loads(TIMES.read_text(encoding="utf-8"))["time"]:
        command = f"`{row['command']}`" + (f", {row['when']}" if "when" in row else "")
        wall = row.get("wall_s", 0)
        took = duration(wall) if wall >= 60 else f"{wall} s" if wall else ""
        work = f"{row['cpu_s']:,} s" if "cpu_s" in row else ""
        cells.append([command, took, work, row["machine"], row["date"]])
    return table(["command", "time", "processor time", "machine", "measured"], cells)


BLOCKS: dict[str, tuple[str, Callable[[], str]]] = {
    "levers": ("guides/add_a_policy.md", levers),
    "statuses": ("background/evidence-numbers.md", statuses),
    "times": ("reference/times.md", times),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_of_a_page_is_current(name: str):
    """If this fails: python -m tests.docs.test_blocks."""
    page, written = BLOCKS[name]
    text = (DOCS / page).read_text(encoding="utf-8")
    before, _, rest = text.partition(f"<!-- {name} -->\n")
    assert before and rest.partition(f"\n<!-- end of {name} -->")[0] == written()


VALUES = {row.path: row.value for row in parameters(Scenario())}
NUMBERS = {"two": 2, "eighteen": 18, "thirty-two": 32}
#: Figures that several texts state, as a pattern with one group, and what the code has.
FIGURES: dict[str, Callable[[], float]] = {
    r"(\S+) more runs per (?:member and )?seed": lambda: (
        count_runs(1, 1, scores=True) - count_runs(1, 1)
    ),
    r"at most the (\S+) (?:members )?with (?:fitted )?doses": lambda: sum(
        bool(member.doses) for member in ensemble.read().members
    ),
    r"validate --ensemble (\d+)": lambda: read().validation.members,
    r"(\S+) \[?instruments\b(?:\]\S*)? and two baselines": lambda: len(registry()) - 2,
    r"(?:Each of its|lists all|Eighteen of the|27 of the) (\d+) \[?instruments": (
        lambda: len(registry()) - 2
    ),
    r"(\S+) of the \d+ instruments need Mexico": lambda: sum(
        policy.needs_mexico for policy in registry().values()
    ),
    r"One process runs at most (\d+) runs": lambda: len(EPISODES) * TRIES,
    r"the model assumes (\d+) %": lambda: round(100 * VALUES["migrants.retry_returned_by_mexico"]),
    r"`noise_factor`[:,] 1 and ([\d.]+) by default": lambda: round(
        VALUES["migrants.noise_factor.northern_triangle"], 2
    ),
    r"`ports\.reassign` \|[^|]*\| ([\d.]+) \|": lambda: VALUES["ports.reassign"],
    r"`ports\.refocus` \|[^|]*\| ([\d.]+) \|": lambda: VALUES["ports.refocus"],
    r"There are (\d+) priors": lambda: len(priors.PRIORS),
    r"(\S+) parameters are uncertain and have priors": lambda: len(priors.PRIORS),
}


#: Defaults that a command computes, which its help states in brackets.
DEFAULTS = [
    ("compare", "--reps", compare.REPS),
    ("compare", "--max-pairs", sequential.MAX_PAIRS),
    ("effects", "--reps", compare.REPS),
    ("effects", "--scale", effects.SCALE),
    ("validate", "--reps", validate.REPS),
    ("validate", "--scale", validate.SCALE),
    ("curve", "--reps", compare.REPS),
    ("optimise", "--members", OptimisationPlan.members),
    ("optimise", "--search-members", OptimisationPlan.search_members),
    ("optimise", "--rounds", OptimisationPlan().effort.rounds),
    ("optimise", "--random-portfolios", OptimisationPlan().effort.random_portfolios),
    ("ask", "--members", FULL.members),
    ("ask", "--variant-members", FULL.variant_members),
    *(
        ("calibrate", f"--{field.name.replace('_', '-')}", field.default)
        for field in fields(CalibrationPlan)
        if field.name not in ("seed", "jobs")
    ),
]


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every page and source file, without line breaks.

    Decisions are left out: they state the figures of their date.
    """
    pages = [page for page in DOCS.rglob("*.md") if page.parent.name != "decisions"]
    pages += [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    folders = [ROOT / name for name in ("twoborders", "viz", "experiments")]
    for path in [*pages, *(path for folder in folders for path in folder.rglob("*"))]:
        if path.suffix in (".md", ".py", ".toml"):
            yield str(path.relative_to(ROOT)), " ".join(path.read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def every_text() -> dict[str, str]:
    """Return all texts by the name of their file."""
    return dict(texts())


@pytest.mark.parametrize("pattern", FIGURES)
def test_a_figure_is_that_of_the_code_in_every_text(pattern: str, every_text: dict[str, str]):
    stated = [
        (name, NUMBERS.get(figure.lower(), figure))
        for name, text in every_text.items()
        for figure in re.findall(pattern, text)
    ]
    expected = f"{FIGURES[pattern]():g}"
    assert stated and [one for one in stated if str(one[1]) != expected] == []


def test_commands_on_the_screen_give_the_packaged_validation():
    packaged = read().validation
    assert packaged.members == MEMBERS and packaged.scores and packaged.scale == validate.SCALE
    assert COMMANDS[1] == f"twoborders validate --ensemble {packaged.members} --scores"


@pytest.mark.parametrize(("command", "option", "value"), DEFAULTS)
def test_a_default_in_the_help_is_that_of_the_code(command: str, option: str, value: int):
    text = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    section = text.split(f"\n## `twoborders {command}`\n")[1].split("\n## ")[0]
    assert re.search(rf"^\| `{option} [^|]*\| `?{value}\b", section, re.MULTILINE)


@pytest.mark.parametrize("name", ["members", "search_members", "variant_members"])
def test_sizes_of_an_answer_are_those_of_the_code(name: str):
    sizes = f"{getattr(FULL, name)}; quick {getattr(QUICK, name)}"
    (line,) = re.findall(rf"^ +{name}: .*", inspect.getdoc(tb.ask) or "", re.MULTILINE)
    assert sizes in line


def test_the_first_finding_quotes_the_packaged_pair():
    pair = next(pair for pair in PAIRS if pair.id == "south_or_cameras")
    stored = unpack(json.loads((FOLDER / f"{pair.id}.json").read_text(encoding="utf-8")))
    a, b = dict.fromkeys(digest for digest, _ in stored)  # worlds A and B
    cameras, south = ([run for (one, _), run in stored.items() if one == world] for world in (a, b))
    days = pair.days - pair.began + 1
    spent = [
        sum(run.outcomes["dollars"] for run in runs) / len(runs) * pair.days / days / 1e6
        for runs in (cameras, south)
    ]
    away = [sum(run.daily[pair.began - 1 :, 0].sum() for run in runs) for runs in (cameras, south)]
    text = " ".join((DOCS / "first_finding.md").read_text(encoding="utf-8").split())
    assert f"${spent[0]:.0f}M a year are spent on cameras and ${spent[1]:.0f}M on" in text
    assert f"has {100 * (1 - away[1] / away[0]):.1f} % fewer" in text


def test_the_time_of_the_calibration_is_that_of_the_packaged_ensemble():
    made = ensemble.read().provenance
    rows = tomllib.loads(TIMES.read_text(encoding="utf-8"))["time"]
    (row,) = [row for row in rows if " calibrate " in row["command"]]
    assert row["wall_s"] == made["seconds"]
    folder = {"--out", "out/calibration"}  # which the stored command does not name
    assert set(row["command"].split()) - folder <= set(made["command"].split())


if __name__ == "__main__":
    for block, (name, written) in BLOCKS.items():
        write_block(DOCS / name, f"<!-- {block} -->", f"<!-- end of {block} -->", written())
