"""The page about the plain engine quotes the present source.

`python -m tests.docs.test_plain_engine_page` writes the present source into the page.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from functools import reduce
from importlib import import_module
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "background" / "plain-engine.md"
_QUOTED = re.compile(
    r"(<!-- source: ([\w.]+):([\w.]+) -->\n)(?:\n```python\n.*?^```\n)?", re.M | re.S
)


def source(module: str, name: str) -> str:
    """Return the source of a function or a method."""
    found = reduce(getattr, name.split("."), import_module(module))
    return textwrap.dedent(inspect.getsource(found))


def refreshed(text: str) -> str:
    """Return the page with the present source after every comment that names an object."""
    return _QUOTED.sub(lambda m: f"{m[1]}\n```python\n{source(m[2], m[3])}```\n", text)


def test_the_quoted_code_is_current() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(_QUOTED.findall(text)) == 4
    assert text == refreshed(text), "python -m tests.docs.test_plain_engine_page"


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
