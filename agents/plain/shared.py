"""Access to the rules that both engines share."""

from __future__ import annotations

from typing import Any


def uncompiled(function: Any) -> Any:
    """Return the Python function behind a compiled one.

    Args:
        function: a compiled function, or a plain one if compilation is disabled.

    Returns:
        The plain function.
    """
    return getattr(function, "py_func", function)
