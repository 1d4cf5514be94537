"""A whole run as bytes and back, without pickle: old files stay readable and harmless.

The bytes are compressed: the length of a header (4 bytes), the header (JSON), the arrays one after
the other. In the header an array stands as ``{"array": [dtype, shape, offset]}``.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from experiments.run import RunResult

_QUICK = 1  # level of compression: a tenth of the time of the usual one, a tenth more space


def pack(result: RunResult) -> bytes:
    """Give a run as bytes; ``unpack`` gives it back, every digit of it."""
    parts: list[bytes] = []
    header = json.dumps(_plain(result, parts), separators=(",", ":")).encode()
    whole = b"".join([len(header).to_bytes(4, "big"), header, *parts])
    return zlib.compress(whole, _QUICK)


def unpack(packed: bytes) -> RunResult:
    """Give back the run that was packed; fields of a later version keep their defaults."""
    from experiments.run import FirstYear, RunResult

    whole = zlib.decompress(packed)
    start = 4 + int.from_bytes(whole[:4], "big")
    told = _whole(json.loads(whole[4:start]), memoryview(whole)[start:])
    if told["first_year"] is not None:
        told["first_year"] = FirstYear(**told["first_year"])
    return RunResult(**told)


def _plain(value: Any, parts: list[bytes]) -> Any:
    """What JSON knows; arrays go to `parts`."""
    if isinstance(value, np.ndarray):
        place = {"array": [value.dtype.str, list(value.shape), sum(map(len, parts))]}
        parts.append(np.ascontiguousarray(value).tobytes())
        return place
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: _plain(getattr(value, name), parts) for name in names}
    if isinstance(value, dict):
        return {name: _plain(item, parts) for name, item in value.items()}
    return value


def _whole(value: Any, data: memoryview) -> Any:
    """Put the arrays back."""
    if not isinstance(value, dict):
        return value
    if value.keys() == {"array"}:
        dtype, shape, start = value["array"]
        count = int(np.prod(shape, dtype=int))
        return np.frombuffer(data, dtype, count, start).reshape(shape).copy()
    return {name: _whole(item, data) for name, item in value.items()}
