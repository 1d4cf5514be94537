"""The data sources describe every table and credit."""

from __future__ import annotations

import re

from abm.world import data_sources, geography


def test_every_table_of_figures_is_described():
    texts = {path for file in data_sources.files() for path in data_sources.paths_of(file.names)}
    assert not set(geography.DATA.rglob("*.csv")) - texts
    assert all(file.rows > 0 or file.names.endswith(".geojson") for file in data_sources.files())


def test_every_credit_has_a_source_and_its_terms():
    assert all(c.figures and c.source and c.terms for c in data_sources.credits())
    texts = " ".join(c.source for c in data_sources.credits())
    assert all(name in texts for name in ("GeoNames", "Natural Earth", "Missing Migrants"))
    assert not re.search(r"[`*|\[\]]", texts)
