"""Declared English texts have a Spanish translation: policies, parameters, units, errors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from abm.measures.criteria import CRITERIA
from abm.measures.outcomes import OUTCOMES
from abm.policies import registry
from abm.scenario import SettingError, parameters
from abm.schedule import DAY
from abm.world import data_sources
from abm.world.geography import SECTORS
from abm.world.routes import load_world
from agents.param import params_of
from experiments.validation.targets import targets
from viz.figures.numbers import signed_amount
from viz.screen.panels.naming import policy_label
from viz.screen.session.choice import BASE, Choice, find
from viz.screen.session.visitors import Caps, VisitorLimits
from viz.screen.words import Words, declared

ROOT = Path(__file__).resolve().parents[3]
ENGLISH, SPANISH = Words("en"), Words("es")
#: Texts that are equal in both languages: signs, and sources that are only a citation.
ALIKE = {
    "$",
    "$/km",
    "$/kg",
    "log",
    "[A]",
    "Prelec (1998), Econometrica 66: 497-527",
    "Tversky and Kahneman (1992), J. Risk and Uncertainty 5: 297-323",
    "us/poe_inspection_drugs_visas.csv SENTRI_share_of_personal_vehicles 2013",
    "us/enforcement_costs_infrastructure.csv cost_per_CBP_officer_year_usd 2013",
}
ENGLISH_WORDS = re.compile(
    r"\b(the|is|give|of|and|not|there|between|to|here|this|value|number|name|out|day|for|are|"
    r"allowed|known|did|later)\b"
)
CITED = re.compile(r"[\w/]+\.csv|CC BY 4\.0|Natural Earth.*|[ABC](/[ABC]|-[ABC])?")


def texts_of_policies() -> set[str]:
    """Return the policies' titles, mechanisms, conditions, claims, cost items and number texts."""
    told: set[str] = set()
    for policy in registry().values():
        told |= {policy.title, policy.mechanism, policy.fails_when, policy.claim}
        told |= {policy.acts_when} - {""}
        told |= {cost.purpose for cost in policy.full_programme().costs}
        told |= {number.doc for number in params_of(policy).values()}
    return told


def units() -> set[str]:
    own = {number.unit for policy in registry().values() for number in params_of(policy).values()}
    return own | {row.unit for row in parameters(find(BASE))}


def docs() -> set[str]:
    return {row.doc for row in parameters(find(BASE))}


def sources() -> set[str]:
    told = {row.source for row in parameters(find(BASE))}
    for policy in registry().values():
        told |= {number.source for number in params_of(policy).values()}
        told |= {cost.source for cost in policy.full_programme().costs}
    return told


def data() -> set[str]:
    texts = {text for c in data_sources.credits() for text in (c.figures, c.source, c.terms)}
    texts |= {text for f in data_sources.files() for text in (f.content, f.trust)}
    return {text for text in texts if not CITED.fullmatch(text)}


def criteria() -> set[str]:
    labels = {c.label for name, c in CRITERIA.items() if name not in OUTCOMES}
    return labels | {c.unit for c in CRITERIA.values()}


def day() -> set[str]:
    return {(step.__doc__ or "").strip() for step in DAY}


def validation() -> set[str]:
    return {text for t in targets() for text in (t.label, t.note) if text}


def names() -> set[str]:
    return {*load_world(None).place_names, *SECTORS}


def file_of(name: str) -> set[str]:
    """Return the English texts in one file of declared texts."""
    path = ROOT / "viz/screen/i18n/es/declared" / f"{name}.toml"
    return set(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("policies", texts_of_policies),
        ("numbers", docs),
        ("units", units),
        ("sources", sources),
        ("data", data),
        ("criteria", criteria),
        ("day", day),
        ("targets", validation),
    ],
)
def test_every_declared_text_has_a_spanish_one_and_none_is_obsolete(
    file: str, wanted: Callable[[], set[str]]
):
    expected = wanted() - ALIKE
    told = {text for text in file_of(file) if "{}" not in text}
    missing = {text for text in expected if SPANISH.translate(text) == text}
    assert not missing, "declared and not translated"
    assert not told - expected, "translated and no longer declared"


def test_translated_names_are_existing_places_and_sectors():
    assert file_of("places") <= names()


def test_a_translation_differs_and_keeps_its_figures():
    """A copied text would equal its original, and a lost number would be missing."""
    for english, text in declared("es").items():
        if "{}" in english:
            continue
        assert text.strip() and text != english, english
        assert sorted(re.findall(r"\d+", english)) == sorted(re.findall(r"\d+", text)), english


def test_both_languages_have_the_same_variable_parts():
    for english, text in declared("es").items():
        assert english.count("{}") == text.count("{}"), english


@pytest.mark.parametrize("language", ["en", "es"])
def test_texts_of_the_screen_name_people_with_respect(language: str):
    disrespectful = re.compile(
        r"\b(illegals?|illegally|aliens?|invasions?|ilegal(es|mente)?|clandestin[oa]s?|invasi[oó]n(es)?)\b"
        r"|\b(waves?|floods?|oleadas?|avalanchas?) (of|de) (migrants|people|migrantes|personas)\b",
        re.IGNORECASE,
    )
    folder = ROOT / "viz" / "screen" / "i18n" / language
    found = {
        (file.name, match[0])
        for file in folder.rglob("*.toml")
        for match in disrespectful.finditer(file.read_text(encoding="utf-8"))
    }
    assert not found


def test_a_text_without_translation_is_unchanged():
    assert SPANISH.translate("A number without a translation.") == "A number without a translation."
    assert not declared("en")
    assert ENGLISH.translate("Guatemala City") == "Guatemala City"


@pytest.mark.parametrize(
    "choice",
    [
        Choice(days=0),
        Choice(scale=1),
        Choice(numbers=(("migrants.credit", "1e99"),)),
        Choice(numbers=(("migrants.credit", "-5"),)),
        Choice(numbers=(("migrants.credit", "nan"),)),
        Choice(numbers=(("migrants.credit", "x"),)),
        Choice(numbers=(("migrants.solo_attempts", "2.5"),)),
        Choice(numbers=(("migrants.theory", "x"),)),
        Choice(a=("fence:99",)),
        Choice(a=("fenc",)),
        Choice(a=("fence:toll=1e9",)),
        Choice(a=("fence:x=1",)),
        Choice(a=("a b",)),
        Choice(a=("fence@2013-05-05..2012-01-01",)),
        Choice(a=("fence:2:line_miles.foo=3",)),
    ],
)
def test_errors_of_a_choice_are_translated(choice: Choice):
    with pytest.raises(SettingError) as caught:
        choice.scenario(0)
    told = SPANISH.translate(" ".join(str(caught.value).split()))
    assert not english_in(told), told


def test_the_refusal_of_a_run_is_translated():
    limits = VisitorLimits(Caps(persons=1000))
    limits.enter("one")
    text = SPANISH.translate(limits.start("one", 1200, lambda: None))
    assert not english_in(text) and "1,000" in text, text


def english_in(text: str) -> set[str]:
    """Return words that are English and not Spanish; names of settings are ignored."""
    text = re.sub(r"Disponibles: .*", "", text)
    quoted = re.sub(r"\"[^\"]*\"|«[^»]*»|\b\w*[._:]\w\S*", " ", text)
    return set(ENGLISH_WORDS.findall(quoted))


def test_billions_are_thousands_of_millions():
    assert SPANISH.translate(signed_amount(1.82e9, "$ per year")) == "+$1.8\u00a0mil\u00a0M"
    assert SPANISH.translate(signed_amount(-2e6, "$ per year")) == ENGLISH.translate(
        "\u2212$2\u00a0M"
    )


def test_a_policy_label_has_title_amount_and_dates():
    told = policy_label(SPANISH, "southern_border_control:3")
    assert told == "Control de la frontera sur de México, dosis 3"
    assert "$250M al año" in policy_label(SPANISH, "trainers:250M")
    dated = policy_label(SPANISH, "fence:toll=30@2014-01-07..2016-08-01")
    assert dated.startswith("Más millas de barrera, con otros parámetros, desde el 7 ene 2014")
    assert dated.endswith("hasta el 1 ago 2016")
    assert policy_label(ENGLISH, "fence") == "More miles of fence"
