"""Measurements of a page: which way the bounds point, bytes on the wire, icons without a font."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import viz
from experiments.bench import Measurement
from viz.bench import page
from viz.bench.page import Frame, Visit

VIZ = Path(viz.__file__).parent
ICON = re.compile(r"\bmdi-[a-z]+(?:-[a-z]+)*")


def visit(seconds: float, files: int = 10**6) -> Visit:
    return Visit({"paint": seconds / 2, "usable": seconds, "maps": seconds}, files, 10**5)


def frame(share: float = 60.0, moved: float = 0.0, stops: int = 12) -> Frame:
    return Frame(dict.fromkeys(page.SHARES, share), moved, stops)


def measured(frame: Frame, *visits: Visit) -> dict[str, Measurement]:
    return {f.name: f for f in page.measurements(visits, [visit(2.0)], frame)}


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_a_value_is_good_on_one_side_of_its_bound(value: float, bound: float):
    most, least = (Measurement("x", value, "", bound, least=way) for way in (False, True))
    assert most.good or least.good
    assert (most.good and least.good) == (value == bound)
    assert Measurement("x", value, "", None, least=True).good is None


def test_the_slowest_visit_after_the_first_counts():
    found = measured(frame(), visit(9.0), visit(3.0), visit(4.0))
    usable = found["Page: comparison, Run is usable"]
    assert usable.value == 4.0 and usable.good and "9.0 s" in usable.detail


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        (frame(share=50.0), {"Page: maps at 1440 x 900"}),
        (frame(moved=1.0), {"Page: largest move of a part after Run"}),
        (frame(stops=16), {"Page: tab stops from the top to Run"}),
    ],
)
def test_every_bound_can_be_missed(changed: Frame, missed: set[str]):
    assert all(f.good for f in measured(frame(), visit(3.0)).values())
    found = measured(changed, visit(3.0))
    assert {name for name, f in found.items() if not f.good} == missed


def test_a_part_that_appears_has_moved():
    assert page._largest_move([[0, 0, 1, 1]], []) == float("inf")
    assert page._largest_move([[0, 0, 1, 1]], [[0, 3, 1, 1]]) == 3
    assert page._largest_move([], []) == 0


@given(st.lists(st.binary(max_size=500), max_size=20))
def test_sizes_on_the_wire_are_those_of_one_compressed_stream(messages: list[bytes]):
    """RFC 7692, 7.2.1: a stream over all messages, without the last four bytes of each flush."""
    deflate, stream, sizes = page._Deflate(), zlib.decompressobj(wbits=-zlib.MAX_WBITS), []
    assert [deflate.size(message) for message in messages] == [len(m) for m in messages]
    deflate.on, same = True, zlib.compressobj(wbits=-zlib.MAX_WBITS)
    for message in messages:
        sent = (same.compress(message) + same.flush(zlib.Z_SYNC_FLUSH)).removesuffix(
            b"\0\0\xff\xff"
        )
        assert stream.decompress(sent + b"\0\0\xff\xff") == message
        sizes.append(len(sent))
    assert [deflate.size(message) for message in messages] == sizes


def test_every_icon_has_a_shape_of_its_own():
    shapes = (VIZ / "screen" / "assets" / "custom.css").read_text(encoding="utf-8")
    used = {icon for file in VIZ.rglob("*.py") for icon in ICON.findall(file.read_text("utf-8"))}
    assert used and used <= set(re.findall(r"\.(mdi-[a-z-]+)::before \{", shapes))
