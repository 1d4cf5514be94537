"""The reference page lists every declaration and marks assumptions."""

import re

from abm.scenario import Scenario, parameters
from abm.scenario.parameters_page import cite, reference_markdown, source_keys
from abm.scenario.tree import paths_of
from agents.param import ASSUMED, params_of

DEFAULT = Scenario()
ROWS = parameters(DEFAULT)


def settings() -> dict[str, str]:
    """Return the line of every setting on the page, by dotted path."""
    parts = re.split(r"^## (.*)$", reference_markdown(), flags=re.MULTILINE)[1:]
    return {
        f"{title.strip('`')}.{line.split('`')[1]}".removeprefix("Run."): line
        for title, text in zip(parts[::2], parts[1::2], strict=True)
        for line in text.splitlines()
        if line.startswith("| `")
    }


def test_the_reference_has_a_line_for_every_setting():
    lines = settings()
    assert list(lines) == paths_of(DEFAULT)
    assert all(len(line.replace("\\|", "").split("|")) == 7 for line in lines.values())


def test_the_reference_marks_assumptions():
    marked = {path for path, line in settings().items() if ASSUMED in line.rsplit("|", 2)[1]}
    assumed = {".".join(row.path.split(".")[:2]) for row in ROWS if row.assumed}
    assert marked == assumed and "scale" not in marked


def test_a_key_stands_for_a_sentence_of_several_sources_and_loses_nothing():
    contest = params_of(type(DEFAULT.contest)).values()
    sources = [p.source_text for p in contest]
    keys = source_keys(sources)
    assert keys and all(sum(part in text for text in sources) > 1 for part in keys)
    for text in sources:
        expanded = cite(text, keys)
        for part, key in keys.items():
            expanded = expanded.replace(key, part)
        assert expanded == text
