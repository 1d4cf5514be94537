"""Experiments with results that were predicted before the run.

    python -m tests.laws.predictions

runs the experiments that `docs/records/predictions.toml` declares and writes their results to the
same folder. With the `answer.json` of `twoborders ask` as an argument, it reads the result of this
command instead.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from abm.policies import registry
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec, parse_policy
from experiments.runs.case import Case, RunResult
from experiments.runs.many_runs import run_many
from experiments.runs.study_inputs import with_policies
from experiments.scenarios import find
from viz.documents.html import Cell, Table

FILE = Path(__file__).resolve().parents[2] / "docs" / "records" / "predictions.toml"
RESULTS = FILE.with_suffix(".json")
SEEDS = (1, 2, 3)
FRAME = {"scale": 200, "days": 730}
_BASELINES = {"status_quo", "no_cooperation"}


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """Two worlds that differ, and the predicted range for an outcome's change in percent.

    Attributes:
        shared, settings: settings by dotted path: of both worlds, and of the second world alone.
        policies: policies of the second world, as text.
        every: "declared" adds all instruments at dose 1, "largest" all at their maximum dose.
        outcome: outcome, or "spent" for the dollars spent in percent of the planned dollars.
        test: whether a result outside the range is an error.
        command: command whose answer has the result, in its turning rows for `number`.
    """

    name: str
    outcome: str
    low: float
    high: float
    reason: str
    explanation: str
    shared: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    policies: Sequence[str] = ()
    every: str = ""
    test: bool = False
    command: str = ""
    number: str = ""

    def read(self, answer: Mapping[str, Any]) -> float:
        """Return in how many cells the word of *helps* changes if the number is doubled."""
        at = {"number": self.number, "bound": "double", "claim": "helps"}
        rows = [row for row in answer["turning"] if at.items() <= row.items()]
        assert rows and all(row["word"] != "unknown" for row in rows), "the answer has no words"
        return float(sum(row["word"] != row["word_there"] for row in rows))

    def worlds(self) -> tuple[Scenario, Scenario]:
        """Return the baseline and the second world."""
        base = find("baseline").with_settings({**FRAME, **self.shared})
        specs = [parse_policy(text) for text in self.policies]
        for name in sorted(registry().keys() - _BASELINES) if self.every else ():
            dose = registry()[name].high if self.every == "largest" else 1.0
            specs.append(PolicySpec(id=name, dose=dose))
        return base, with_policies(base.with_settings(self.settings), tuple(specs))

    def result(self) -> float:
        """Run both worlds with all seeds and return the mean result in percent."""
        cases = [Case(world, seed) for world in self.worlds() for seed in SEEDS]
        answers = run_many(cases, jobs=1)
        runs = [answer for answer in answers if isinstance(answer, RunResult)]
        assert len(runs) == len(cases), "a run failed"
        pairs = zip(runs[: len(SEEDS)], runs[len(SEEDS) :], strict=True)
        return sum(self._percent(base, arm) for base, arm in pairs) / len(SEEDS)

    def _percent(self, base: RunResult, arm: RunResult) -> float:
        """Return the result for a pair of runs, in percent."""
        if self.outcome == "spent":
            spent = sum(arm.dollars.values())
            return 100.0 * spent / (spent + sum(arm.dollars_unspent.values()))
        return 100.0 * (arm.outcomes[self.outcome] / base.outcomes[self.outcome] - 1.0)

    def holds(self, result: float) -> bool:
        """Return whether a result is inside the predicted range, apart from rounding."""
        return self.low - 1e-9 <= result <= self.high + 1e-9


def predictions() -> list[Prediction]:
    """Read the declared predictions."""
    declared = tomllib.loads(FILE.read_text(encoding="utf-8"))["prediction"]
    return [Prediction(**row) for row in declared]


def predictions_markdown(results: Mapping[str, float]) -> str:
    """Return the predictions as a table: surprises first, experiments without a result last."""

    def order(p: Prediction) -> int:
        return p.holds(results[p.name]) if p.name in results else 2

    rows = []
    for p in sorted(predictions(), key=order):
        result = f"{results[p.name]:+.1f}" if p.name in results else "not run"
        surprise = f" **{p.explanation}**" if order(p) == 0 else ""
        predicted = f"{p.low:+g} to {p.high:+g}"
        texts = p.name, f"`{p.outcome}`", predicted, result, p.reason + surprise
        rows.append(tuple(map(Cell, texts)))
    heads = "Experiment", "Outcome", "Predicted, %", "Result, %", "Why"
    return Table("", heads, rows).markdown().strip()


if __name__ == "__main__":
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if sys.argv[1:]:
        answer = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        results |= {p.name: p.read(answer) for p in predictions() if p.command}
    else:
        results |= {p.name: round(p.result(), 3) for p in predictions() if not p.command}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(predictions_markdown(results))
