"""Figures and defaults in texts agree with the code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.policies import registry
from abm.scenario import Scenario, parameters
from experiments.calibration import ensemble, priors
from experiments.calibration.doses import EPISODES, TRIES
from experiments.validation import validate
from experiments.validation.episodes import roles
from experiments.validation.scored_runs import no_terms
from tests.docs.shown import texts
from viz.documents.validation.page import read
from viz.screen.session.pairs import PAIRS
from viz.screen.session.summaries import FOLDER, unpack

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def required(regime: str, account: str = "joint", budgets: str = "budget > 0") -> int:
    """Return the percentage of draws that win the core's *requires* in a regime."""
    rows = pd.read_csv(DOCS / "background" / "findings" / "claims.csv")
    rows = rows.query(f"headline == 'core' and account == '{account}' and claim == 'requires'")
    rows = rows[(rows["regime"] == regime) & (rows["horizon"] > 1)].query(budgets)
    return round(100 * float(np.mean(rows["share_won"])))


def without_overtime(headline: str) -> int:
    """Return the percentage for FY2013 if overtime of the Border Patrol has no effect."""
    rows = pd.read_csv(DOCS / "background" / "findings" / "turning.csv")
    rows = rows.query("number == 'no_overtime' and claim == 'requires' and measure == 'verdict'")
    return round(100 * rows.set_index("headline")["share_there"][headline])


VALUES = {row.path: row.value for row in parameters(Scenario())}
NUMBERS = {"one": 1, "two": 2, "eighteen": 18, "thirty-five": 35}
#: Figures that several texts state: a pattern with one group, and the value from the code.
FIGURES: dict[str, Callable[[], float]] = {
    r"(\S+) more runs per (?:member and )?seed": lambda: (
        len(roles({}, scores=True, draw=no_terms)) - len(roles({}))
    ),
    r"at most the (\S+) (?:members )?with (?:fitted )?doses": lambda: sum(
        bool(member.doses) for member in ensemble.read().members
    ),
    r"validate --members (\d+)": lambda: read().members,
    r"(\S+) \[?instruments\b(?:\]\S*)? and two baselines": lambda: len(registry()) - 2,
    r"(?:Each of its|lists all|Eighteen of the|27 of the) (\d+) \[?instruments": (
        lambda: len(registry()) - 2
    ),
    r"(\S+) of the \d+ instruments need Mexico": lambda: sum(
        policy.needs_mexico for policy in registry().values()
    ),
    r"One process runs at most (\d+) runs": lambda: len(EPISODES) * TRIES,
    r"in (\d+) %(?: of draws)? with the people of FY2013": lambda: required("fy2013"),
    r"in (\d+) % with the people of FY2019": lambda: required("fy2019"),
    r"FY2013 \((\d+) % at \$250M, 31 %": lambda: required("fy2013", budgets="budget == 250e6"),
    r"for \*requires\* in FY2013, (\d+) % jointly": lambda: required("fy2013"),
    r"of the United States alone \((\d+) %\)": lambda: required("fy2013", "us"),
    r"works \((\d+) % if not": lambda: without_overtime("core"),
    r"\*enforcement only\*, 34 %: (\d+) %": lambda: without_overtime("enforcement"),
    r"[Tt]he model assumes (\d+) %": lambda: round(
        100 * VALUES["migrants.retry_returned_by_mexico"]
    ),
    r"`noise_factor`[:,] 1 and ([\d.]+) by default": lambda: round(
        VALUES["migrants.noise_factor.northern_triangle"], 2
    ),
    r"`ports\.reassign` \|[^|]*\| ([\d.]+) \|": lambda: VALUES["ports.reassign"],
    r"`ports\.refocus` \|[^|]*\| ([\d.]+) \|": lambda: VALUES["ports.refocus"],
    r"an announced deadline \(E6\), and (\S+) of six held-out facts": lambda: (
        (held_out := read().counts["kind.held_out"]).judged - held_out.inside
    ),
    r"The calibration has (\S+) uncertain parameters": lambda: len(priors.PRIORS),
}


@pytest.fixture(scope="module")
def every_text() -> dict[str, str]:
    """Return the texts without line breaks by file name.

    Decisions are left out, because they keep the figures of their date.
    """
    pages = {name: " ".join(text.split()) for name, text in texts()}
    return {name: text for name, text in pages.items() if "/decisions/" not in name}


@pytest.mark.parametrize("pattern", FIGURES)
def test_a_figure_is_that_of_the_code_in_every_text(pattern: str, every_text: dict[str, str]):
    stated = [
        (name, NUMBERS.get(figure.lower(), figure))
        for name, text in every_text.items()
        for figure in re.findall(pattern, text)
    ]
    expected = f"{FIGURES[pattern]():g}"
    assert stated and [one for one in stated if str(one[1]) != expected] == []


def test_the_packaged_validation_has_the_documented_size():
    packaged = read()
    assert packaged.members == 20 and packaged.scores and packaged.scale == validate.SCALE


def test_the_first_finding_quotes_the_packaged_pair():
    pair = next(pair for pair in PAIRS if pair.id == "south_or_overtime")
    stored = unpack(json.loads((FOLDER / f"{pair.id}.json").read_text(encoding="utf-8")))
    a, b = dict.fromkeys(digest for digest, _ in stored)  # worlds A and B
    line, south = ([run for (one, _), run in stored.items() if one == world] for world in (a, b))
    days = pair.days - pair.began + 1
    spent = [
        sum(run.outcomes["dollars"] for run in runs) / len(runs) * pair.days / days / 1e6
        for runs in (line, south)
    ]
    away = [sum(run.daily[pair.began - 1 :, 0].sum() for run in runs) for runs in (line, south)]
    text = " ".join((DOCS / "first_finding.md").read_text(encoding="utf-8").split())
    sums = [f"${dollars:.0f}M" for dollars in spent]
    assert f"{sums[0]} a year are spent on overtime at the line and {sums[1]} on" in text
    assert f"has {100 * (1 - away[1] / away[0]):.1f} % fewer" in text
