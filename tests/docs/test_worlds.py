"""The guide to worlds agrees with the checks of files, and its example with the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.world.routes import declaration_of, load_world
from benchmarks import conflicts

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guides" / "worlds.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "docs" / "examples" / "mali"


def test_the_excerpt_of_the_guide_is_in_the_example():
    excerpt = GUIDE.partition("```text\n")[2].partition("```")[0]
    lines = (EXAMPLE / "world.toml").read_text(encoding="utf-8").splitlines()
    assert {line for line in excerpt.splitlines() if not line.startswith("source")} <= set(lines)


def test_the_example_declares_every_word_that_it_uses(tmp_path: Path):
    conflicts.convert(EXAMPLE, tmp_path / "mali")
    found = declaration_of(tmp_path / "mali")
    assert found.undeclared == () and found.name == "Mali 2012" and "BSD" in found.source


#: An invented conflict with every variant of Flee's files: headers, a hub, closures, corrected
#: numbers, and camps inside the country, without a route, and with two files.
FILES = {
    "locations.csv": '#"name","region",country,lat,lon,location_type,conflict_date,population\n'
    "War Town,R,Mali,14,0,conflict_zone,0,900\nPeace,,Mali,14,1,town,,\n"
    "Later,R,Mali,13,0,town,,300\nHub,R,Niger,14,2,forwarding_hub,,\nNear,R,Mali,13.5,0,camp,,0\n"
    "Far,R,Niger,14,3,camp,,70\nBehind,R,Niger,14,4,camp,,0\nLost,R,Chad,15,9,camp,,0\n",
    "routes.csv": "name1,name2,distance,forced_redirection\nWar Town,Peace,100\nPeace,Hub,90,0\n"
    "Hub,Far,80,2\nWar Town,Near,70,\nLater,War Town,60,\nFar,Behind,2000,0\n",
    "conflicts.csv": "#Day, War Town, Later, Ghost,\n"
    + "".join(f"{day},1,{day // 30},0\n" for day in range(40)),
    "closures.csv": "#closure_type,name1,name2,closure_start,closure_end\ncountry,Mali,Niger,5,20\n"
    "location,Near,Mali,20,-1\nremove_forced_redirection,Hub,Far,0,9\n",
    "sim_period.csv": "StartDate,2012-02-29\nLength,40\n",
    "registration_corrections.csv": 'Far,"2012-03-05",normalize\n\n',
    "data_layout.csv": "total,all.csv\nNear,near.csv\nFar,far.csv,out.csv\nBehind,behind.csv\n",
    "near.csv": ",\n2012-02-29,10\n# a note\n2012-03-10,210\n2012-03-20,110 \n2012-03-30,410\n",
    "far.csv": "DateTime,Persons\n2012-02-29,10\n2012-03-05,40\n2012-03-10,40\n",
    "out.csv": '"2012-02-29",10\n2012-03-10,0\n',
    "behind.csv": "2012-02-29,0\n2012-03-30,0\n",
}


def conflict_in(folder: Path, file: str = "", text: str = "", other: str = "") -> tuple[Any, Any]:
    for name, content in FILES.items():
        changed = content.replace(text, other, 1) if name == file else content
        (folder / name).write_text(changed, encoding="utf-8")
    conflict = conflicts.convert(folder, folder / "world")
    corrections = folder / "registration_corrections.csv"
    return conflict, conflicts.registered(folder, conflict, corrections)


def test_every_form_of_a_conflict_is_read(tmp_path: Path):
    conflict, people = conflict_in(tmp_path)
    assert conflict.left_out == ["Lost"] and {*conflict.level} == {"War Town", "Later"}
    world = load_world(tmp_path / "world")
    days = {leg[:-5]: value for leg, value in zip(world.leg_ids, world.days, strict=True)}
    assert {"peace>hub", "hub>border_far", "border_far>behind"} < days.keys()
    assert not {"hub>peace", "behind>border_far", "border_behind>behind"} & days.keys()
    ways = [days["peace>war_town"], days["war_town>peace"]]  # from a town, and from a conflict zone
    assert ways == pytest.approx([100 / 360 + 7 / 3, 100 / 360], abs=1e-3)
    # Sum of two files, then corrected.
    assert people["Far"][[0, 5, 10]].tolist() == [50.0, 50.0, 40.0]
    leaving = conflicts.departures(conflict, people)
    total = np.sum([*people.values()], axis=0)
    assert np.sum([*leaving.values()]) == pytest.approx(total.max() - total[0])
    assert leaving["Later"][29] == 0.0 < leaving["Later"][30]
    assert conflict.closed(4) == set()
    assert conflict.closed(5) == conflict.closed(19) == {("hub", "peace")}
    assert conflict.closed(20) == {("border_near", "war_town")}


@pytest.mark.parametrize(
    ("file", "text", "other", "where"),
    [
        ("locations.csv", "14,2,", "x,2,", "row 5, column latitude"),
        ("locations.csv", "population", "populaton", "row 1, column population"),
        ("locations.csv", "Peace", "war_town", "row 3, column name"),
        ("locations.csv", FILES["locations.csv"], "", "row 1, column name"),
        ("locations.csv", FILES["locations.csv"].partition("\n")[2], "", "no rows"),
        ("routes.csv", "Hub,Far", "Hub,Fa", "row 4, column name2"),
        ("routes.csv", "Peace,Hub", "Hub,Hub", "row 3, column name2"),
        ("routes.csv", "Later,War", "Near,War", "row 6, column name1"),
        ("routes.csv", "100", '"100,5"', "row 2, column distance"),
        ("routes.csv", "80,2", "80,5,2", "row 4, column forced_redirection"),
        ("conflicts.csv", "30,1,1,0", "30,1,high,0", "row 32, column Later"),
        ("conflicts.csv", "30,1,1,0", "45,1,1,0", "row 32, column Day"),
        ("conflicts.csv", "War Town", "War Twon", "row 1, column War Town"),
        ("conflicts.csv", "Later", "Latre", "row 32, column Latre"),
        ("closures.csv", "20,-1", "20,soon", "row 3, column closure_end"),
        ("closures.csv", "5,20", "20,5", "row 2, column closure_end"),
        ("closures.csv", "Niger", "Nigeria", "row 2, column name2"),
        ("registration_corrections.csv", "03-05", "03-06", "row 1, column date"),
        ("data_layout.csv", "Behind", "Bhind", "no row of Behind"),
        ("far.csv", "2012-03-05", "2012-3-5", "row 3, column date"),
        ("near.csv", "2012-03-10", "2012-01-10", "row 4, column date"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, file: str, text: str, other: str, where: str):
    with pytest.raises(ValueError, match=f"^{file}[,:] {where}: "):
        conflict_in(tmp_path, file, text, other)


def test_closed_and_full_camps_admit_nobody_and_open_ones_everybody(tmp_path: Path):
    inside = conflicts.simulate(*conflict_in(tmp_path), tmp_path / "world", scale=1, seed=1)
    near, far = inside["Near"], inside["Far"]
    assert near[0] == 10 < near[20] == near[-1] and 66 < far[-1] < 110
    conflict = conflict_in(tmp_path, "closures.csv", FILES["closures.csv"][52:])
    inside = conflicts.simulate(*conflict, tmp_path / "world", scale=1, seed=1)
    arrived = sum(float(persons[-1] - persons[0]) for persons in inside.values())
    assert arrived == pytest.approx(390, abs=80)  # four standard deviations


def test_differences_are_those_of_flee():
    real = {"a": np.array([80.0, 50.0]), "b": np.array([20.0, 50.0])}
    run = {"a": np.array([40.0, 100.0]), "b": np.array([10.0, 0.0])}
    assert conflicts.differences(run, real) == pytest.approx({"rescaled": 0.5, "plain": 0.75})
