"""The tests whose coverage is measured: kernels as plain Python, everything else compiled.

Without compilation, a run of some weeks takes minutes. The part `weeks` has such runs, in which
rare events occur; it reaches the branches of kernels that unit tests do not.
"""

from __future__ import annotations

from dataclasses import dataclass

AGENTS, LAWS = "tests/unit/agents", "tests/laws"


@dataclass(frozen=True, slots=True)
class Part:
    """Tests that run in one process.

    Attributes:
        name: name of the part.
        compiled: whether kernels are compiled.
        tests: folders, files or tests.
        without: files of them that are left out.
        slow: whether slow tests run, too.
    """

    name: str
    compiled: bool
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()
    slow: bool = False


_ABOUT_COMPILING = (f"{AGENTS}/test_jit.py", f"{AGENTS}/test_wheel_kernels.py")
PARTS = (
    Part("plain", False, (AGENTS, f"{LAWS}/test_uncompiled.py"), _ABOUT_COMPILING),
    Part(
        "weeks",
        False,
        (f"{LAWS}/test_uncompiled.py::test_weeks_have_the_digest_of_a_compiled_run",),
        slow=True,
    ),
    Part(
        "compiled",
        True,
        (
            *("tests/unit/experiments", "tests/unit/abm", "tests/unit/api", "tests/policies"),
            *("tests/mesa_compat", *_ABOUT_COMPILING),
        ),
    ),
)
