"""Live widgets are updated at once or at a limited rate, and only with changes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import pytest

from viz.screen.session import live_traits
from viz.screen.session.live_traits import LiveTrait, LiveWidgets


class Widget:
    """A widget that records its traits and the number of updates."""

    def __init__(self) -> None:
        self.traits: dict[str, Any] = {}
        self.words = 0

    @contextmanager
    def hold_sync(self):
        yield
        self.words += 1

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in ("traits", "words"):
            self.traits[name] = value
        super().__setattr__(name, value)


class Clock:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(live_traits, "time", clock)
    return clock


def test_a_widget_is_updated_when_added_and_when_due_until_it_is_removed(clock: Clock):
    live_widgets, made, day = LiveWidgets(), Widget(), [1]
    forget = live_widgets.add(LiveTrait(made, lambda: {"day": day[0]}, every=0.3))
    assert made.traits == {"day": 1}
    day[0], clock.now = 2, 0.2
    live_widgets.update()
    assert made.traits == {"day": 1}, "nobody can read so fast"
    live_widgets.update(at_once=True)
    assert made.traits == {"day": 2}
    day[0], clock.now = 3, 0.6
    live_widgets.update()
    assert made.traits == {"day": 3}
    forget()
    day[0], clock.now = 4, 9.0
    live_widgets.update(at_once=True)
    assert made.traits == {"day": 3}
