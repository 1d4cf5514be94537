"""The screen says that two assumed numbers decide a comparison, and offers to repeat it."""

from __future__ import annotations

import reacton

from viz.screen.pages.worlds import AssumedNumbers, repeated
from viz.screen.session.choice import Choice, read_query
from viz.screen.session.session import Session
from viz.screen.words import Words

BORDER, TOWERS = ("southern_border_control:250M",), ("cameras_and_sensors:250M",)


def test_the_repetition_gives_mexico_the_limits_and_the_law_of_the_united_states():
    choice = Choice(a=TOWERS, b=BORDER, numbers=(("contest.eta", "0.6"),))
    other = repeated(choice)
    assert other is not None and (other.a, other.b, other.seed) == (TOWERS, BORDER, choice.seed)
    for world in (0, 1):
        s = other.scenario(world)
        assert s.mexico.operations_returns == s.contest.eta == 0.6
        assert s.mexico.sustained_tempo == s.border_patrol.sustained_tempo
        assert s.mexico.tempo_cap == s.border_patrol.tempo_cap
    assert read_query(other.query()) == other, "its address reproduces it"


def test_nothing_is_repeated_twice_or_for_worlds_that_raise_mexicos_tempo_in_the_same_way():
    other = repeated(Choice(a=TOWERS, b=BORDER))
    assert other is not None and repeated(other) is None
    assert repeated(Choice(a=BORDER, b=BORDER)) is None
    assert repeated(Choice(a=(*BORDER, *TOWERS), b=BORDER)) is None
    assert repeated(Choice(a=(), b=TOWERS)) is None
    assert repeated(Choice(a=(), b=("bilateral_accords:1",))) is None


def test_the_sentence_and_its_button_are_shown_where_they_apply():
    for b, shown in ((BORDER, True), (TOWERS, False)):
        session = Session()
        session.choice.set(Choice(a=(), b=b))
        box, context = reacton.render_fixed(AssumedNumbers(session), handle_error=False)
        assert (Words("en")("assumed.text")[:20] in repr(_texts(box))) is shown
        context.close()


def _texts(widget) -> list:
    """Return the texts below a widget, as lists nested like the widgets."""
    children = getattr(widget, "children", None) or []
    return [x if isinstance(x, str) else _texts(x) for x in children]
