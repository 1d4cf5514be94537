"""Messages of pages that the server accepts, ignores, or answers by closing the websocket."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.bench.wire import format_message
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


@given(st.sampled_from(["header", "channel", "content", "buffers", "metadata", "new"]), JSON)
def test_any_json_is_judged(key: str, value: Any):
    message = json.loads(update(1)) | {key: value}
    assert verdict(json.dumps(message)) in Verdict


@given(st.binary(max_size=60))
def test_any_bytes_are_judged(data: bytes):
    assert verdict(data) in (Verdict.CLOSE, Verdict.IGNORE)
