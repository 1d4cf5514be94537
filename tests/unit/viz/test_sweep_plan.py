"""The sweep form writes the same design file as the command and shows errors at their fields."""

from __future__ import annotations

import dataclasses
import tomllib

import pytest

from experiments.comparison.compare import policies_of
from experiments.sweeps.design import Grid
from experiments.sweeps.design_files import read
from tests.unit.viz.test_policy_panel import FIELD_NAME
from viz.screen.panels.budgets import dollars_of
from viz.screen.session.choice import Choice
from viz.screen.session.visitors import ALONE, CLASS
from viz.screen.sweeps.sweep_plan import (
    Form,
    FormRow,
    PlanError,
    SweepPlan,
    axis_name,
    level_text,
    plan_sweep,
    price_of,
    split_list,
    varied_choices,
)
from viz.screen.words import LANGUAGES, Words

T = Words("en")
DOLLARS = FormRow("policy.southern_border_control", values="0; 250")
FENCE = FormRow("policy.fence", values="100; 200")
RETRY = FormRow("migrants.retry_removed", values="20; 30; 40")
FORM = Form(rows=(DOLLARS, RETRY), seeds="2")
SIZES = Choice(seed=7, days=30, scale=1000)


MANY = {
    "pool.mexican": "; ".join(str(1000 + k) for k in range(30)),
    "retry_removed": "; ".join(map(str, range(30))),
}


def plan(form: Form = FORM, choice: Choice = SIZES, persons: int = ALONE.persons):
    return plan_sweep(T, form, choice, persons)


def errors(form: Form, choice: Choice = SIZES, persons: int = ALONE.persons) -> dict[str, str]:
    with pytest.raises(PlanError) as caught:
        plan(form, choice, persons)
    return caught.value.errors


def row_error(row: FormRow) -> dict[str, str]:
    return errors(dataclasses.replace(FORM, rows=(DOLLARS, row)))


def test_the_design_that_runs_is_the_one_of_the_file():
    made: SweepPlan = plan()
    again = read(made.text)
    assert isinstance(again.sample, Grid) and again.digest == made.design.digest
    assert (again.name, again.reps, again.seed, len(again)) == ("sweep-1", 2, 7, 12)
    assert (again.scenario.days, again.scenario.scale) == (30, 1000)


def test_a_world_of_compare_is_the_base_with_its_policies_and_numbers():
    choice = Choice(
        a=("fence:0.5:toll=30",), b=("cameras_and_sensors",), numbers=(("migrants.credit", "1500"),)
    )
    for base, world in (("a", 0), ("b", 1)):
        scenario = plan(dataclasses.replace(FORM, base=base), choice).design.scenario
        wanted = choice.scenario(world)
        assert (scenario.policies, scenario.days) == (wanted.policies, wanted.days)
        assert scenario.migrants.credit == wanted.migrants.credit == 1500.0


def test_dollars_have_the_price_of_the_policy_in_the_base():
    """At twice the cost per mile, a dollar builds half the miles.

    The axis stays in these dollars.
    """
    t, path = Words("en"), "policy.fence"
    form = dataclasses.replace(FORM, rows=(FENCE, RETRY))
    default = plan(form)
    price = price_of("fence")
    own = "fence:cost_per_mile=7800000"
    choice = Choice(a=(own,))
    dear = plan(form, choice)
    scenario = dear.design.scenario.to_toml()
    assert price_of("fence", scenario) == pytest.approx(dollars_of(own)) != pytest.approx(price)
    for made, text in ((default, ""), (dear, scenario)):
        doses = sorted({made.design.inputs(n)[path] for n in range(len(made.design.points))})
        shown = [level_text(t, path, dose, text) for dose in doses]
        assert shown == ["100", "200"]
        spent = [sum(policy.dollars().values()) for policy in _policies(made)]
        assert sorted({round(one, -3) for one in spent}) == [100e6, 200e6]


def _policies(made) -> list:
    """Return the fence in every scenario of a plan."""
    scenarios = [made.design.scenario_at(n) for n in range(len(made.design.points))]
    return [one for s in scenarios for one in policies_of(s, s.policies) if one.id == "fence"]


def test_a_number_of_an_address_cannot_write_into_the_design_file():
    choice = Choice(numbers=(("migrants.credit", "1500 # \n[grid]"),))
    try:
        text = plan(choice=choice).text
    except Exception as error:
        assert "credit" in str(error)
    else:
        assert list(tomllib.loads(text)["grid"]) == [
            "policy.southern_border_control",
            "migrants.retry_removed",
        ]


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a b", "ñ", "x" * 41, "a\n"])
def test_a_name_is_no_path(name: str):
    assert set(errors(dataclasses.replace(FORM, name=name))) == {"name"}


def test_every_wrong_field_has_its_own_message():
    wrong = dataclasses.replace(FORM, rows=(FormRow(), RETRY), seeds="0")
    assert set(errors(wrong)) == {"row0", "seeds"}
    assert "choose" in errors(wrong)["row0"].lower()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("20", "two values"),
        ("20; 20", "twice"),
        ("20; many", "number"),
        ("20; 120", "100"),
        ("20; nan", "number"),
        ("20;" * 500, "at most 30"),
    ],
)
def test_values_that_cannot_be_run_are_refused_at_their_row(values: str, said: str):
    assert said in row_error(FormRow("migrants.retry_removed", values=values))["row1.values"]


def test_the_same_thing_is_not_varied_twice():
    assert set(row_error(dataclasses.replace(DOLLARS, values="0; 50"))) == {"row1"}


def test_a_sweep_above_a_limit_is_refused_before_it_starts():
    rows = [FormRow(f"migrants.{name}", values) for name, values in MANY.items()]
    many = dataclasses.replace(FORM, rows=tuple(rows), seeds="12")
    assert "10,800 runs, but at most 10,000" in errors(many)["runs"]
    assert "seeds" in errors(dataclasses.replace(FORM, seeds="201"))
    assert set(errors(FORM, Choice(days=365, scale=10), CLASS.persons)) == {"runs"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("0; 0,5; 1", ["0", "0,5", "1"]),
        ("0, 0.5, 1", ["0", "0.5", "1"]),
        ("0,1,2", ["0", "1", "2"]),
        (" 0  50 100 ", ["0", "50", "100"]),
        ("1,000; 2,000", ["1,000", "2,000"]),
        ("", []),
        (" ; ,", []),
    ],
)
def test_lists_are_read_as_people_type_them(text: str, parts: list[str]):
    assert split_list(text) == parts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_has_a_label_of_its_own_without_field_names(language: str):
    choices = varied_choices(language)
    labels = [one.label for one in choices.values()]
    assert len(set(labels)) == len(labels) > 500
    assert all(labels) and not any(map(FIELD_NAME.search, labels))


@pytest.mark.parametrize("language", LANGUAGES)
def test_levels_have_readable_units(language: str):
    t = Words(language)
    assert level_text(t, "migrants.retry_removed", 0.2) == "20"
    name = axis_name(t, "migrants.retry_removed")
    assert name.endswith(", %") and len(name) > 40 and "_" not in name
    assert axis_name(t, "no.parameter") == "no.parameter"
    at_one = dollars_of("southern_border_control") / 1e6
    assert level_text(t, "policy.southern_border_control", 1.0) == f"{at_one:.4g}"
    assert level_text(t, "governments.mexico", "name") == "name"
    assert level_text(t, "no.parameter", 12345.0) == "12,340"
