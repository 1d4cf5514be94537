"""The modules that are mutated, and the test files that must detect a change in them."""

from __future__ import annotations

from dataclasses import dataclass

AGENTS, ABM, ASK = "tests/unit/agents", "tests/unit/abm", "tests/unit/experiments"
PEOPLE = ("aftermath", "candidate_batch", "decisions", "kernels", "line")
PEOPLE += ("tallies", "travel")
PLAIN = ("choices", "draws", "encounters", "journey", "migrant", "person")
PLAIN += ("population", "surroundings")


@dataclass(frozen=True, slots=True)
class Target:
    """Files that belong together, and their tests.

    Attributes:
        files: source files.
        tests: quick test files, the one that detects most mutants first.
        slower: test files that run if the quick ones pass.
        compiled: False to run kernels as plain Python functions, so that a mutant of a kernel does
            not compile the whole model.
    """

    files: tuple[str, ...]
    tests: tuple[str, ...]
    slower: tuple[str, ...] = ()
    compiled: bool = True


TARGETS = {
    "contest": Target(
        ("agents/contest.py",),
        (f"{AGENTS}/test_contest.py",),
        ("tests/laws/test_detection.py",),
    ),
    "routing": Target(
        ("agents/routing.py",),
        (f"{AGENTS}/test_routing.py",),
    ),
    "chance": Target(
        ("agents/chance.py",),
        (f"{AGENTS}/test_chance.py",),
        ("tests/laws/test_keys_of_chance.py",),
    ),
    "queues": Target(
        ("agents/queues.py",),
        (
            f"{AGENTS}/test_queue_day.py",
            f"{AGENTS}/test_queues.py",
            "tests/laws/test_erlang.py",
        ),
        (f"{AGENTS}/test_port_and_queue.py",),
    ),
    "ledger": Target(
        ("abm/ledger.py",),
        (f"{ABM}/test_ledger.py", f"{ABM}/test_ledger_accounts.py"),
        ("tests/laws/test_conservation.py",),
    ),
    "measures": Target(
        (
            "abm/measures/control.py",
            "abm/measures/criteria.py",
            "abm/measures/outcomes.py",
            "abm/measures/rates.py",
            "abm/measures/series.py",
        ),
        (f"{ABM}/test_measures.py", f"{ABM}/test_series.py", f"{ABM}/test_criteria.py"),
    ),
    "statistics": Target(
        (
            "experiments/validation/statistics.py",
            "experiments/runs/intervals.py",
            "experiments/studies/optimise/horizons.py",
        ),
        (f"{ASK}/test_intervals.py", f"{ASK}/test_horizons.py", f"{ASK}/test_statistics.py"),
    ),
    "verdict": Target(
        (
            "experiments/studies/ask/exchange_rate.py",
            "experiments/studies/ask/rate_cells.py",
            "experiments/studies/ask/verdict.py",
        ),
        (
            f"{ASK}/test_verdict_arithmetic.py",
            f"{ASK}/test_frontier_choice.py",
            f"{ASK}/test_verdict.py",
            f"{ASK}/test_exchange_rate.py",
            f"{ASK}/test_rate_cells.py",
        ),
    ),
    "effects": Target(
        ("experiments/studies/effects.py", "experiments/runs/pairs.py"),
        (f"{ASK}/test_pairs.py", f"{ASK}/test_effects.py"),
        (f"{ASK}/test_compare.py",),
    ),
    "answers": Target(
        (
            "viz/screen/panels/policy_period_counts.py",
            "viz/screen/panels/answers.py",
            "viz/documents/comparison/sentences.py",
        ),
        (
            "tests/unit/viz/test_sentences.py",
            "tests/unit/viz/test_answers.py",
            "tests/unit/viz/test_since.py",
            "tests/unit/viz/test_report.py",
        ),
    ),
    "supply": Target(
        ("abm/supply.py", "agents/supply_terms.py"),
        (
            f"{ABM}/test_supply_shares.py",
            f"{AGENTS}/test_supply_groups.py",
            f"{ABM}/test_supply.py",
            f"{AGENTS}/test_supply_terms.py",
        ),
        (f"{ABM}/test_supply_series.py", "tests/laws/test_supply_terms.py"),
    ),
    "policies": Target(
        (
            "abm/policies/application.py",
            "abm/policies/base.py",
            "abm/policies/registry.py",
        ),
        (
            "tests/policies/test_arithmetic.py",
            f"{ABM}/test_combined_doses.py",
            "tests/policies/test_completion.py",
        ),
        ("tests/policies/test_battery.py", "tests/policies/test_instruments.py"),
    ),
    "guard": Target(
        ("viz/server/guard.py",),
        ("tests/unit/viz/test_guard.py",),
    ),
    # rules of people that both engines compute once, which their comparison cannot check
    "shared": Target(
        (
            "abm/early_departures.py",
            "abm/phases/capacity.py",
            "agents/expectations.py",
            "agents/kernel_params.py",
        ),
        (
            f"{ABM}/test_capacity.py",
            f"{ABM}/test_early_departures.py",
            f"{ABM}/test_consequence_changes.py",
            f"{ABM}/test_legal_channel.py",
            f"{AGENTS}/test_kernel_params.py",
            "tests/laws/test_expectations.py",
        ),
        (
            "tests/laws/test_news_and_deadlines.py",
            "tests/laws/test_expulsions_and_transfers.py",
            "tests/laws/test_capacity.py",
            f"{AGENTS}/test_decisions.py",
        ),
    ),
    "plain": Target(
        tuple(f"agents/plain/{name}.py" for name in PLAIN),
        ("tests/laws/test_random_days.py",),
        ("tests/laws/test_two_engines.py",),
    ),
    "people": Target(
        tuple(f"agents/migrants/{name}.py" for name in PEOPLE),
        ("tests/laws/test_random_days.py", f"{AGENTS}/test_tallies.py"),
        (
            "tests/laws/test_two_engines_briefly.py",
            f"{AGENTS}/test_decisions.py",
            f"{AGENTS}/test_travel.py",
            f"{AGENTS}/test_apprehensions.py",
            f"{AGENTS}/test_port_and_queue.py",
            f"{AGENTS}/test_decide_choice.py",
            f"{AGENTS}/test_candidate_batch.py",
            f"{AGENTS}/test_columns.py",
        ),
        compiled=False,
    ),
}
