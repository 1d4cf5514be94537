"""Encode a run result as bytes and decode it, without pickle.

Files written before a field was added stay readable, and reading executes no code. The compressed
bytes hold the length of a header (4 bytes, big-endian), the header (JSON) and the arrays, one after
the other. In the header an array is written as ``{"array": [dtype, shape, offset]}``.
"""

from __future__ import annotations

import dataclasses
import json
import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.runs.case import FirstYear

_LEVEL = 1  # zlib level: 10 % of the default's time, 10 % more space


def pack(result: Any) -> bytes:
    """Encode a result or another dataclass. ``unpack`` restores every digit."""
    arrays: list[bytes] = []
    header = json.dumps(_encode(result, arrays), separators=(",", ":")).encode()
    content = b"".join([len(header).to_bytes(4, "big"), header, *arrays])
    return zlib.compress(content, _LEVEL)


def unpack[Row](packed: bytes, kind: type[Row]) -> Row:
    """Decode a result. Fields that the bytes do not hold have their defaults.

    Args:
        packed: the bytes.
        kind: the encoded dataclass.

    Returns:
        An instance of `kind`. The tuples of other classes than ``RunResult`` are lists.
    """
    content = zlib.decompress(packed)
    start = 4 + int.from_bytes(content[:4], "big")
    fields = _decode(json.loads(content[4:start]), memoryview(content)[start:])
    if fields.get("first_year") is not None:
        fields["first_year"] = FirstYear(**fields["first_year"])
    return kind(**fields)


def outcomes_text(outcomes: Mapping[str, float]) -> str:
    """Return outcomes as strict JSON: NaN as null, infinity as a text."""
    return json.dumps({name: _json_number(value) for name, value in outcomes.items()})


def _json_number(value: float) -> float | str | None:
    """Convert a number for strict JSON."""
    if math.isfinite(value):
        return float(value)
    return None if math.isnan(value) else str(value)


def _encode(value: Any, arrays: list[bytes]) -> Any:
    """Convert a value to JSON types. Arrays are appended to `arrays`."""
    if isinstance(value, np.ndarray):
        reference = {"array": [value.dtype.str, list(value.shape), sum(map(len, arrays))]}
        arrays.append(np.ascontiguousarray(value).tobytes())
        return reference
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: _encode(getattr(value, name), arrays) for name in names}
    if isinstance(value, dict):
        return {name: _encode(item, arrays) for name, item in value.items()}
    return value


def _decode(value: Any, data: memoryview) -> Any:
    """Replace references by the arrays in `data`."""
    if not isinstance(value, dict):
        return value
    if value.keys() == {"array"}:
        dtype, shape, start = value["array"]
        count = int(np.prod(shape, dtype=int))
        return np.frombuffer(data, dtype, count, start).reshape(shape).copy()
    return {name: _decode(item, data) for name, item in value.items()}
