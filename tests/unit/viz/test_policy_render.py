"""The panel of policies as a component: an action reaches the session and is shown."""

from __future__ import annotations

import pytest
import solara

from viz.screen.panels.policy_panel import Policies, RunSettings
from viz.screen.session.choice import Choice
from viz.screen.session.session import Session
from viz.screen.widgets.traits import NumberFields, PolicyList


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session whose worlds are not built."""
    made = Session()
    monkeypatch.setattr(made, "_build", lambda scenarios, seed: None)
    made.choice.set(Choice(a=("fence:100M",), b=("southern_border_control:3",)))
    return made


def test_a_typed_budget_and_equal_budgets_reach_the_session(session: Session):
    _, context = solara.render(Policies(session), handle_error=False)
    (shown,) = context.find(PolicyList).widgets
    shown.answer({"do": "amount", "world": 0, "at": 0, "id": "fence", "value": "250"})
    assert session.choice.value.a == ("fence:250M",)
    shown.answer({"do": "equal", "world": 1})
    assert session.choice.value.b == ("southern_border_control:250M",)
    shown.answer({"do": "amount", "world": 0, "at": 0, "id": "fence", "value": "lots"})
    assert session.choice.value.a == ("fence:250M",)
    fence = next(row for row in shown.payload["rows"] if row["id"] == "fence")
    assert fence["uses"][0]["amount"]["value"] == "lots" and fence["uses"][0]["amount"]["error"]
    context.close()


def test_settings_of_the_run_reach_the_session(session: Session):
    _, context = solara.render(RunSettings(session), handle_error=False)
    (shown,) = context.find(NumberFields).widgets
    shown.answer("days", "1,003")
    assert session.choice.value.days == 1003
    for name, text, reason in (("days", "0", "number from 1"), ("seed", f"{2**63}", "Give 0 to")):
        shown.answer(name, text)
        assert (session.choice.value.days, session.choice.value.seed) == (1003, 1)
        assert [field["name"] for field in shown.fields if reason in field["error"]] == [name]
    context.close()
