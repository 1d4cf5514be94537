"""Every table and every credit of the data has its description."""

from __future__ import annotations

import re

from abm.world import data_sources, geography


def test_every_table_of_figures_is_described():
    told = {path for file in data_sources.files() for path in data_sources.paths_of(file.names)}
    assert not set(geography.DATA.rglob("*.csv")) - told
    assert all(file.rows > 0 or file.names.endswith(".geojson") for file in data_sources.files())


def test_every_credit_has_a_source_and_its_terms():
    assert all(c.figures and c.source and c.terms for c in data_sources.credits())
    told = " ".join(c.source for c in data_sources.credits())
    assert all(name in told for name in ("GeoNames", "Natural Earth", "Missing Migrants"))
    assert not re.search(r"[`*|\[\]]", told)
