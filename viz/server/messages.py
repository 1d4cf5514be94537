"""Check the websocket messages of a page before Solara reads them.

Solara trusts its page: a message that is not JSON or lacks a key ends the thread with a traceback,
and a binary message that announces two billion parts occupies gigabytes of memory.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import MutableMapping
from enum import Enum
from typing import Any

_CHANNELS = frozenset({"shell", "control", "iopub", "stdin"})
_COMMS = frozenset({"comm_open", "comm_msg", "comm_close"})
_KINDS = _COMMS | {"kernel_info_request", "comm_info_request", "shutdown_request"}
#: The channels that a page opens: the app, and the states of all widgets. It creates no widget.
_TARGETS = frozenset({"solara.control", "jupyter.widget.control"})
_MOST_PARTS = 64  # of a binary message; an upload has two
_MOST_DEPTH = 32  # of nested lists and objects; a page sends at most eight
_MOST_INTEGER = 2**53  # JavaScript has no larger exact integers
_MOST_DIGITS = 400  # of a number in JSON
_MOST_JSON = 2**17  # characters of a message without its buffers


class Verdict(Enum):
    """Decision about a message."""

    PASS = "pass"
    RUN = "run"  # pass it on; it requests the app
    IGNORE = "ignore"  # a valid message with values that no page sends
    CLOSE = "close"  # not a message of a page: close the websocket


def check_message(event: MutableMapping[str, Any]) -> Verdict:
    """Decide what to do with a message of a page.

    Args:
        event: the ASGI event ``websocket.receive``.

    Returns:
        Whether to pass the message on, to ignore it or to close the websocket.
    """
    data = event.get("text")
    try:
        message = _parse(data if data is not None else _first_part(event.get("bytes") or b""))
        return _judge(message, binary=data is None)
    except (ValueError, KeyError, TypeError, RecursionError, struct.error):
        return Verdict.CLOSE


def _parse(text: str | bytes) -> dict[str, Any]:
    """Parse JSON. Python also accepts NaN and Infinity, which `_usable` rejects."""
    if len(text) > _MOST_JSON:  # files are sent as buffers
        raise ValueError("a message is too long")
    message = json.loads(text, parse_int=_integer)
    if not isinstance(message, dict):
        raise TypeError("a message is an object")
    return message


def _integer(digits: str) -> float:
    """Parse an integer; a very long one, which would take seconds, becomes infinite."""
    return int(digits) if len(digits) <= _MOST_DIGITS else math.inf


def _first_part(data: bytes) -> bytes:
    """Return the JSON of a binary message, whose offsets must be ascending and inside it."""
    (parts,) = struct.unpack_from("!I", data)
    if not 1 <= parts <= _MOST_PARTS:
        raise ValueError("invalid number of parts")
    offsets = struct.unpack_from(f"!{parts}I", data, 4)
    ends = (*offsets[1:], len(data))
    if offsets[0] < 4 * (parts + 1) or any(a > b for a, b in zip(offsets, ends, strict=True)):
        raise ValueError("invalid offsets")
    return data[offsets[0] : ends[0]]


def _judge(message: dict[str, Any], *, binary: bool) -> Verdict:
    kind, content = message["header"]["msg_type"], message.get("content", {})
    if kind not in _KINDS or message["channel"] not in _CHANNELS or not isinstance(content, dict):
        return Verdict.CLOSE
    if not binary and message.get("buffers"):
        return Verdict.CLOSE
    if kind not in _COMMS:
        return Verdict.PASS if _usable(message) else Verdict.IGNORE
    if not isinstance(content["comm_id"], str):
        return Verdict.CLOSE
    if not _usable(message):
        return Verdict.IGNORE
    if kind == "comm_open":
        return Verdict.PASS if content["target_name"] in _TARGETS else Verdict.CLOSE
    return _judge_data(content["data"]) if kind == "comm_msg" else Verdict.PASS


def _judge_data(data: dict[str, Any]) -> Verdict:
    """Decide what to do with the content of a message to a widget or to the app."""
    method = data["method"]
    if not isinstance(method, str):
        return Verdict.CLOSE
    if method == "run":
        args = data["args"]
        return Verdict.RUN if isinstance(args["path"], str) else Verdict.CLOSE
    if method == "update":
        state, paths = data.get("state", {}), data.get("buffer_paths", [])
        return (
            Verdict.PASS if isinstance(state, dict) and isinstance(paths, list) else Verdict.CLOSE
        )
    if method == "custom":  # an event without an object raises an error in every widget
        return Verdict.PASS if isinstance(data["content"], dict) else Verdict.IGNORE
    return Verdict.PASS


def _usable(value: Any) -> bool:
    """Return whether JavaScript could have sent a value that is not nested too deeply."""
    level = [value]
    for _ in range(_MOST_DEPTH):
        level = [child for one in level for child in _children(one)]
        if not level:
            return True
        if not all(map(_usable_number, level)):
            return False
    return False


def _children(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _usable_number(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) <= _MOST_INTEGER
    return math.isfinite(value) if isinstance(value, float) else True
