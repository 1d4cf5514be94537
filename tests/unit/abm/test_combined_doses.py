"""The doses of one policy that are in force on the same day are bounded together."""

from __future__ import annotations

import pytest

from abm.policies import policies_of, registry
from abm.scenario import Scenario, parse_policy
from agents.param import SettingError

RUN = Scenario(days=60, scale=1000, warmup_days=7)


def make_policies(*texts: str) -> list:
    """Create the policies of a 60-day run."""
    return policies_of(RUN, [parse_policy(text) for text in texts])


def test_a_dose_is_not_exceeded_by_repetition():
    with pytest.raises(SettingError) as caught:
        make_policies(*["patrol_surge:6"] * 20)
    assert caught.value.path == "policies.patrol_surge.dose"
    assert str(caught.value) == (
        "policies.patrol_surge.dose: the doses "
        + "6, " * 11
        + "6 and 8 more in force together from "
        "2012-10-01 to before 2012-11-30 sum to 120, above the highest allowed sum 6. "
        "Lower the doses, or give dates that do not overlap."
    )


@pytest.mark.parametrize("name", [n for n, cls in registry().items() if not cls.overlaps])
def test_two_full_doses_may_follow_each_other_but_not_overlap(name: str):
    high = registry()[name].high
    assert len(make_policies(f"{name}:{high}@..2012-11-01", f"{name}:{high}@2012-11-01")) == 2
    with pytest.raises(SettingError, match="from 2012-10-31 to before 2012-11-01") as caught:
        make_policies(f"{name}:{high}@..2012-11-01", f"{name}:{high}@2012-10-31")
    assert caught.value.path == f"policies.{name}.dose"
    assert len(str(caught.value)) <= 300
