"""Messages of pages that the server accepts, ignores, or answers by closing the websocket."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.wire import format_message
from viz.server.messages import Verdict, check_message

RUN = {"method": "run", "args": {"path": "/", "dark": False, "themes": {}}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


def text(kind: str = "comm_msg", **content: Any) -> str:
    return format_message(kind, content, "s")


def update(value: Any) -> str:
    return text(comm_id="c", data={"method": "update", "state": {"x": value}, "buffer_paths": []})


def verdict(data: str | bytes) -> Verdict:
    name = "text" if isinstance(data, str) else "bytes"
    return check_message({"type": "websocket.receive", name: data})


def binary(message: str, *buffers: bytes) -> bytes:
    parts = [message.encode(), *buffers]
    starts = [4 * (len(parts) + 1)]
    for part in parts[:-1]:
        starts.append(starts[-1] + len(part))
    return struct.pack(f"!{len(parts) + 1}I", len(parts), *starts) + b"".join(parts)


def test_messages_of_a_page_pass():
    info = text("kernel_info_request")
    opened = text("comm_open", comm_id="c", target_name="solara.control", data={})
    click = text(comm_id="c", data={"method": "custom", "content": {"event": "click", "data": {}}})
    for one in (info, opened, click, update(3), update(1.5), update([1, "a", None])):
        assert verdict(one) is Verdict.PASS
    assert verdict(binary(click, b"a file", b"")) is Verdict.PASS
    assert verdict(text(comm_id="c", data=RUN)) is Verdict.RUN


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "value", [float("nan"), float("-inf"), 10**30, [1, [10**500]], nested(40), {"a": float("inf")}]
)
def test_values_that_no_page_sends_are_ignored(value: Any):
    assert verdict(update(value)) is Verdict.IGNORE


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        "5",
        "\0" * 100,
        '{"header": 1}',
        "[" * 100_000 + "]" * 100_000,
        text("execute_request", code="1"),
        text("comm_open", comm_id="c", target_name="other", data={}),
        text("comm_open", comm_id="c", target_name="jupyter.widget", data={}),
        text(comm_id=5, data={}),
        text(comm_id="c", data=5),
        text(comm_id="c", data={"method": ["update"]}),
        text(comm_id="c", data={"method": "update", "state": [1]}),
        text(comm_id="c", data={"method": "run", "args": {"path": 5}}),
        b"",
        b"\0",
        struct.pack("!I", 2**31 - 1) + b"x" * 20,
        struct.pack("!II", 1, 2) + b"{}",
        struct.pack("!II", 1, 8) + b"\xff\xfe",
        struct.pack("!III", 2, 90, 12) + b"{}",
    ],
)
def test_other_data_closes_the_websocket(data: str | bytes):
    assert verdict(data) is Verdict.CLOSE


CLICK = text(comm_id="c", data={"method": "custom", "content": {"event": "click"}})


@pytest.mark.parametrize("sign", [1, -1])
def test_integers_pass_up_to_the_largest_that_a_page_has(sign: int):
    assert verdict(update(sign * 2**53)) is Verdict.PASS
    assert verdict(update(sign * (2**53 + 1))) is Verdict.IGNORE


def test_a_message_is_nested_at_most_32_levels():
    outer = 5  # message, content, data, state, x
    assert verdict(update(nested(32 - outer))) is Verdict.PASS
    assert verdict(update(nested(33 - outer))) is Verdict.IGNORE


def test_a_message_without_its_buffers_has_at_most_131072_characters():
    assert verdict(CLICK.ljust(131_072)) is Verdict.PASS
    assert verdict(CLICK.ljust(131_073)) is Verdict.CLOSE
    assert verdict(binary(CLICK, bytes(2**18))) is Verdict.PASS


def test_a_binary_message_has_1_to_64_parts_that_begin_after_their_offsets():
    assert verdict(binary(CLICK, *[b""] * 63)) is Verdict.PASS
    assert verdict(binary(CLICK, *[b""] * 64)) is Verdict.CLOSE
    assert verdict(struct.pack("!II", 0, 8) + CLICK.encode()) is Verdict.CLOSE
    end = 32 + 256 * 4  # its lowest byte is a space, so that a part from byte 11 on would be JSON
    overlapping = struct.pack("!III", 2, 11, end) + CLICK.ljust(end - 12).encode()
    assert len(overlapping) == end and verdict(overlapping) is Verdict.CLOSE


def test_only_binary_messages_have_buffers():
    message = json.dumps(json.loads(CLICK) | {"buffers": ["x"]})
    assert verdict(message) is Verdict.CLOSE and verdict(binary(message, b"x")) is Verdict.PASS


def test_requests_are_judged_as_messages_to_widgets():
    assert verdict(text("kernel_info_request", x=float("nan"))) is Verdict.IGNORE
    assert verdict(text(comm_id="c", data={"method": "custom", "content": [1]})) is Verdict.IGNORE
    assert verdict(text("comm_close", comm_id=5)) is Verdict.CLOSE


@given(st.sampled_from(["header", "channel", "content", "buffers", "metadata", "new"]), JSON)
def test_any_json_is_judged(key: str, value: Any):
    message = json.loads(update(1)) | {key: value}
    assert verdict(json.dumps(message)) in Verdict


@given(st.binary(max_size=60))
def test_any_bytes_are_judged(data: bytes):
    assert verdict(data) in (Verdict.CLOSE, Verdict.IGNORE)
