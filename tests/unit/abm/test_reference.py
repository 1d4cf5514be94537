"""The reference page lists every declaration and marks assumptions."""

from abm.scenario import Scenario, parameters
from abm.scenario.parameters_page import reference_markdown
from abm.scenario.tree import paths_of
from agents.param import ASSUMED

DEFAULT = Scenario()
ROWS = parameters(DEFAULT)


def test_the_reference_has_a_line_for_every_setting():
    text = reference_markdown()
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in lines] == paths_of(DEFAULT)
    assert all(len(line.replace("\\|", "").split("|")) == 7 for line in lines)


def test_the_reference_marks_assumptions():
    marked = {
        line.split("`")[1]
        for line in reference_markdown().splitlines()
        if line.startswith("| `") and ASSUMED in line.rsplit("|", 2)[1]
    }
    assumed = {".".join(row.path.split(".")[:2]) for row in ROWS if row.assumed}
    assert marked == assumed and "scale" not in marked
