"""Sources and declared English texts are complete, also in Spanish."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from abm.measures.criteria import CRITERIA
from abm.measures.outcomes import OUTCOMES
from abm.schedule import DAY
from abm.world import data_sources, geography
from experiments.validation.targets import targets
from viz.screen.words import Words, declared

ROOT = Path(__file__).resolve().parents[3]
ALIKE = re.compile(r"[\w/]+\.csv|CC BY 4\.0|Natural Earth.*|[ABC](/[ABC]|-[ABC])?")


def test_every_table_of_figures_is_described():
    told = {path for file in data_sources.files() for path in data_sources.paths_of(file.names)}
    assert not set(geography.DATA.rglob("*.csv")) - told
    assert all(file.rows > 0 or file.names.endswith(".geojson") for file in data_sources.files())


def test_every_credit_has_a_source_and_its_terms():
    assert all(c.figures and c.source and c.terms for c in data_sources.credits())
    told = " ".join(c.source for c in data_sources.credits())
    assert all(name in told for name in ("GeoNames", "Natural Earth", "Missing Migrants"))
    assert not re.search(r"[`*|\[\]]", told)


def of_data() -> set[str]:
    texts = {text for c in data_sources.credits() for text in (c.figures, c.source, c.terms)}
    texts |= {text for f in data_sources.files() for text in (f.content, f.trust)}
    return {text for text in texts if not ALIKE.fullmatch(text)}


def of_criteria() -> set[str]:
    return {c.label for name, c in CRITERIA.items() if name not in OUTCOMES}


def of_day() -> set[str]:
    return {(step.__doc__ or "").strip() for step in DAY}


def of_targets() -> set[str]:
    return {text for t in targets() for text in (t.label, t.note) if text}


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("data", of_data),
        ("criteria", of_criteria),
        ("day", of_day),
        ("targets", of_targets),
    ],
)
def test_every_declared_text_has_a_spanish_one_and_none_is_obsolete(
    file: str, wanted: Callable[[], set[str]]
):
    t, asked = Words("es"), wanted()
    assert not {text for text in asked if t.translate(text) == text}, "declared and not translated"
    path = ROOT / "viz/screen/i18n/es/declared" / f"{file}.toml"
    told = {text for text in tomllib.loads(path.read_text(encoding="utf-8")) if "{}" not in text}
    assert not told - asked - {c.unit for c in CRITERIA.values()}, "translated, not declared"


def test_every_unit_of_a_criterion_has_a_spanish_one():
    assert not {c.unit for c in CRITERIA.values()} - declared("es").keys()
