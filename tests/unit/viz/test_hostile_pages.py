"""Messages and choices that a hostile page sends cost little and change nothing of others."""

from __future__ import annotations

import zlib

import pytest
from websockets.exceptions import PayloadTooBig
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode

from viz.screen.lessons.classroom import MOST_CLASSES, MOST_GUESSES, Classroom
from viz.screen.panels.budgets import read_whole
from viz.screen.panels.policies.actions import read_request
from viz.screen.panels.policies.panel import done
from viz.screen.session.choice import Choice
from viz.screen.words import Words
from viz.server.compression import FREE_BYTES, MOST_RATIO, LimitedDeflate, LimitedDeflateFactory
from viz.server.messages import Verdict, check_message

KEY = ("balloon", "2")


def frame(text: bytes) -> Frame:
    """A text as a page sends it."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    data = deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return Frame(Opcode.TEXT, data[:-4], rsv1=True)


def extension() -> LimitedDeflate:
    return LimitedDeflate(False, False, 15, 15)


@pytest.mark.parametrize("length", [10, FREE_BYTES, 20_000])
def test_a_message_of_a_page_is_decompressed(length: int):
    text = bytes(k * k % 251 for k in range(length))
    assert extension().decode(frame(text), max_size=2**21).data == text


def test_a_message_that_expands_too_much_closes_the_connection():
    bomb = frame(b" " * 2**21)
    assert len(bomb.data) * MOST_RATIO + FREE_BYTES < 2**21
    with pytest.raises(PayloadTooBig):
        extension().decode(bomb, max_size=2**22)


def test_the_server_negotiates_the_limited_extension():
    offer = ClientPerMessageDeflateFactory().get_request_params()
    factory = LimitedDeflateFactory(server_max_window_bits=12, client_max_window_bits=12)
    asked = [(name, None if value is True else value) for name, value in offer]
    _, found = factory.process_request_params(asked, [])
    assert isinstance(found, LimitedDeflate)


def test_a_long_message_without_buffers_is_refused_before_it_is_parsed():
    assert check_message({"text": "[" * 10**6}) is Verdict.CLOSE


def test_a_number_among_many_spaces_is_read_in_time_that_grows_with_its_length():
    """With backtracking, this text would take hours."""
    with pytest.raises(ValueError):
        read_whole("$" + " " * 2_000_000 + "x")


def test_refused_requests_of_other_fields_do_not_pile_up():
    t, choice, marks = Words("en"), Choice(), {}
    for at in range(1_000):
        message = {"do": "amount", "at": at, "value": "x" * 10**4, "field": f"f{at}"}
        if request := read_request(message, 2):
            _, marks = done(t, choice, 2, request, marks)
    assert 0 < len(marks) < 250
    assert all(len(str(one)) < 500 for one in marks.values())


@pytest.mark.parametrize("do", [[], {}, None, 7, "amount "])
def test_a_message_with_an_unknown_action_is_no_request(do: object):
    assert read_request({"do": do}, 2) is None


def test_empty_classes_are_dropped_before_a_class_with_guesses():
    room = Classroom()
    for visitor in range(3):
        room.add("real", KEY, str(visitor), {"all": 1.0})
    for number in range(2 * MOST_CLASSES):
        room.add(f"other-{number}", KEY, "one", {"all": 1.0})
        room.remove(f"other-{number}", KEY, "one")
    assert len(room.guesses("real", KEY)) == 3


def test_a_class_has_a_limit():
    room = Classroom()
    for visitor in range(2 * MOST_GUESSES):
        room.add("real", KEY, str(visitor), {"all": 1.0})
    assert len(room.guesses("real", KEY)) == MOST_GUESSES
