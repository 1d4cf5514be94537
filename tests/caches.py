"""Clear the model's caches before and after a test that replaces figures from the record."""

from __future__ import annotations

import sys

from experiments.runs import warmup


def clear_caches() -> None:
    """Clear the caches in every module that may hold figures from the record."""
    warmup.forget()
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("abm", "agents", "experiments"):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
