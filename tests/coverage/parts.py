"""The tests whose coverage is measured: those of kernels as plain Python, all others compiled.

Without compilation, a run of some weeks takes minutes. The part `weeks` has such runs, in which
rare events occur, because unit tests do not reach all branches of kernels.
"""

from __future__ import annotations

from dataclasses import dataclass

AGENTS, ASK, VIZ = "tests/unit/agents", "tests/unit/experiments", "tests/unit/viz"
UNCOMPILED = "tests/laws/test_uncompiled.py"


@dataclass(frozen=True, slots=True)
class Part:
    """Tests that run in one process.

    Attributes:
        name: name of the part.
        compiled: whether kernels are compiled.
        tests: folders, files or tests.
        without: files among these that are left out.
        slow: whether slow tests run, too.
    """

    name: str
    compiled: bool
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()
    slow: bool = False


_ABOUT_COMPILING = (f"{AGENTS}/test_jit.py",)
#: Tests of commands, whose tables are those of `experiments/rows`.
_COMMANDS = tuple(
    f"{VIZ}/test_{name}.py"
    for name in (
        *("calibrate", "cli_ask", "cli_curve", "cli_doses", "cli_dry_run", "cli_effects"),
        *("cli_ensemble", "cli_sensitivity", "cli_stored_runs", "cli_supply", "cli_sweep", "cli"),
        *("sweep_runs", "verdict_text"),
    )
)
#: Slow tests that pass through all stages of `twoborders ask`.
_STAGES = (
    "variants_run_every_claim_under_their_members",
    "every_draw_of_search_and_score_has_contested_numbers",
    "marginal_pairs_start_from_both_sides_and_add_to_both",
    "a_second_start_runs_nothing_and_gives_the_same_answer",
)
PARTS = (
    Part(
        "compiled",
        True,
        (
            *(ASK, "tests/unit/abm", "tests/unit/api", "tests/policies", *_COMMANDS),
            *(f"tests/laws/test_{name}.py" for name in ("news_and_deadlines", "two_engines")),
            *("tests/laws/test_same_future.py", f"{VIZ}/test_sources.py"),
            *("tests/docs/test_causal_loops.py", "tests/docs/test_worlds.py"),
            *("tests/docs/test_reference.py", "tests/resume/test_processes.py", *_ABOUT_COMPILING),
        ),
    ),
    Part("plain", False, (AGENTS, UNCOMPILED), _ABOUT_COMPILING),
    Part(
        "weeks",
        False,
        (f"{UNCOMPILED}::test_weeks_have_the_digest_of_a_compiled_run",),
        slow=True,
    ),
    Part("stages", True, tuple(f"{ASK}/test_ask.py::test_{name}" for name in _STAGES), slow=True),
    Part(
        "files",
        True,
        (
            *("tests/mesa_compat", f"{VIZ}/test_cli_ask.py", f"{VIZ}/test_validation.py"),
            *(f"tests/reliability/test_{name}.py" for name in ("ledgers", "paths", "supply_files")),
        ),
        slow=True,
    ),
)
