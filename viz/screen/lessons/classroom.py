"""Locked guesses of a class, for the histogram on the projector.

Visitors of this server who entered the same class code share a class. It holds guesses only, in
memory and without names. Classes and guesses are limited; the class with the fewest guesses is
dropped first, and among equal ones the longest unused. This module does not
depend on Solara.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping

from viz.screen.session.threads import Changes

#: [A] classes of a server, and guesses of a class for each lesson and dial.
MOST_CLASSES, MOST_GUESSES = 32, 64
_CODE = re.compile(r"[a-z0-9-]{1,20}")
Key = tuple[str, str]  # lesson and dial
Guesses = Mapping[str, float]  # change in percent by question
_Class = dict[Key, dict[str, Guesses]]


def class_code(text: str) -> str:
    """Return a class code in normal form, or "" if the text is none."""
    code = text.strip().lower().replace(" ", "-")
    return code if _CODE.fullmatch(code) else ""


class Classroom:
    """The classes of a server; safe to use from any thread."""

    def __init__(self) -> None:
        self._classes: OrderedDict[str, _Class] = OrderedDict()
        self._lock, self.changes = threading.Lock(), Changes()

    def add(self, code: str, key: Key, visitor: str, guesses: Guesses) -> None:
        """Add the locked guesses of a visitor; those after the limit are dropped.

        Args:
            code: the class, or "" for none.
            key: lesson and dial.
            visitor: an id without meaning, so that a second lock replaces the first.
            guesses: change in percent by question.
        """
        if not code:
            return
        with self._lock:
            room = self._classes.setdefault(code, {}).setdefault(key, {})
            self._classes.move_to_end(code)
            if visitor in room or len(room) < MOST_GUESSES:
                room[visitor] = dict(guesses)
            while len(self._classes) > MOST_CLASSES:
                del self._classes[
                    min((one for one in self._classes if one != code), key=self._size)
                ]
        self.changes.add()

    def _size(self, code: str) -> int:
        """Return how many guesses a class has."""
        return sum(map(len, self._classes[code].values()))

    def remove(self, code: str, key: Key, visitor: str) -> None:
        """Remove the guesses of a visitor who unlocks them."""
        with self._lock:
            self._classes.get(code, {}).get(key, {}).pop(visitor, None)
        self.changes.add()

    def guesses(self, code: str, key: Key) -> dict[str, Guesses]:
        """Return the guesses of a class by visitor."""
        with self._lock:
            return dict(self._classes.get(code, {}).get(key, {}))


CLASSROOM = Classroom()
"""The classes of this process."""
