"""The question that two worlds, or one, answer; it is made of their policies."""

from __future__ import annotations

from abm.scenario.policy_specs import parse_policy
from viz.screen.panels.naming import policy_title
from viz.screen.session.choice import Policies
from viz.screen.session.pairs import ALONE
from viz.screen.words import Words


def _ids(policies: Policies) -> frozenset[str]:
    return frozenset(parse_policy(text).id for text in policies)


#: Keys of questions by the policies of A and of B; other pairs get a question made of their titles.
QUESTIONS: dict[tuple[frozenset[str], frozenset[str]], str] = {
    (frozenset(), frozenset({"southern_border_control"})): "layout.border_question",
    (
        frozenset({"cameras_and_sensors"}),
        frozenset({"southern_border_control"}),
    ): "layout.border_question",
    (_ids(ALONE.a), _ids(ALONE.b)): "layout.alone_question",
}
_NAMED = 2  # policies of a world that a question names


def question_of(t: Words, a: Policies, b: Policies | None) -> str:
    """Return the question that worlds answer.

    Args:
        t: the words of the language.
        a, b: policies of A and of B in their written form; None for B if there is one world.

    Returns:
        The question.
    """
    if b is None:
        return _filled(t, "question_alone", a) if a else t("layout.question_now")
    used = (_ids(a), _ids(b))
    if known := QUESTIONS.get(used):
        return t(known)
    if set(a) == set(b):
        return t("layout.question_same")
    if used[0] == used[1]:
        return _filled(t, "question_terms", a, b)
    key = "question_with" if not a else "question" if b else "question_without"
    return _filled(t, key, a, b)


def _filled(t: Words, key: str, a: Policies = (), b: Policies = ()) -> str:
    """Return a question with the names of the policies of A and B."""
    return t(f"layout.{key}").format(a=_names(t, a), b=_names(t, b))


def _names(t: Words, policies: Policies) -> str:
    """Return the titles of the first policies, and the number of the others."""
    titles = [policy_title(t, parse_policy(text).id) for text in policies]
    if (more := len(titles) - _NAMED) > 0:
        titles = [*titles[:_NAMED], t("layout.more").format(count=more)]
    *first, last = titles or [""]
    return f"{', '.join(first)} {t('layout.and')} {last}" if first else last
