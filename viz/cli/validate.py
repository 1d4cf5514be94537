"""``twoborders validate``: the model against the record, misses first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from abm.scenario import SettingError
from experiments.calibration.ensemble import Member
from experiments.episodes import DECLARED, SUPPLIES, Settings, members, roles
from experiments.model_fingerprint import model_source
from experiments.monthly_bands import Bands
from experiments.pool import cores
from experiments.targets import EPISODES, KINDS
from experiments.validate import (
    ESTIMATORS,
    REPS,
    SCALE,
    Part,
    Range,
    Shares,
    Validation,
    World,
    patterns,
    tally,
    validate,
)
from viz.cli import console
from viz.cli.files import ready, write
from viz.cli.progress import bar
from viz.cli.run import failed, nothing, noting
from viz.cli.run_options import Words, parse_set
from viz.cli.shell import BANNER, OK, PARTLY, json_text, print_json, say
from viz.documents.validation import words as told

DEFAULT_OUT = Path("out") / "validate"
#: What an episode or a response is made of: it cannot be set from outside.
_FIXED = ("days", "start", "supply", "record", "policies", "name", "world", "scale")


def command(
    words: Words, *, ensemble: int | None, out: Path | None, as_json: bool, jobs: int | None
) -> int:
    """Check everything, play, write, tell; give the exit code."""
    settings = _settings(words)
    chosen = _members(ensemble)
    scale = words.scale if words.scale is not None else SCALE
    runs = len(roles({"scale": scale} | dict(settings))) * words.reps * len(chosen or [None])
    folder = ready(out or DEFAULT_OUT)
    say(f"{runs} runs, {min(runs, jobs or cores())} at a time")
    with bar("Runs", runs) as step:
        found = validate(
            seeds=words.seeds,
            scale=scale,
            settings=settings,
            ensemble=chosen,
            jobs=jobs,
            on_result=noting(step),
        )
    if len(found.failures) == runs:
        return nothing(found.failures)
    answer = summary(found)
    _write(folder, found, answer, again(words, ensemble))
    if as_json:
        print_json(answer)
    else:
        tell(found)
    return PARTLY if found.failures else OK


def again(words: Words, ensemble: int | None) -> list[str]:
    """The words that give the same answer again."""
    given = ["twoborders", "validate", "--seed", str(words.seed), "--reps", str(words.reps)]
    given += ["--scale", str(words.scale)] if words.scale is not None else []
    given += ["--ensemble", str(ensemble)] if ensemble is not None else []
    return given + [word for text in words.sets for word in ("--set", text)]


def reps(given: int | None, ensemble: int | None) -> int:
    """Seeds where nobody says how many: an ensemble has its spread from its members."""
    return given or (REPS if ensemble is None else 1)


def _settings(words: Words) -> Settings:
    """What is laid over every scenario; refuses what makes an episode what it is."""
    found: dict[str, Any] = {}
    for path, value in map(parse_set, words.sets):
        if path in _FIXED:
            hint = "Set numbers of `twoborders parameters`; --scale has an option of its own."
            raise SettingError(path, "a validation fixes it", hint)
        if path in found:
            raise SettingError(path, "it is set twice", "Set it once.")
        found[path] = value
    return found


def _members(count: int | None) -> list[Member] | None:
    """Members of the ensemble; None for the default scenario alone."""
    if count is None:
        return None
    found = members(count)
    if not found:
        say("warning: no ensemble is packaged; the default scenario is played alone.")
        return None
    return found


def _write(folder: Path, found: Validation, answer: dict[str, Any], command: Sequence[str]) -> None:
    """Write the page and the numbers behind it."""
    from viz.documents.validation import validation_html

    write(folder / "validation.html", validation_html(found, command))
    write(folder / "validation.json", json_text(answer) + "\n")
    say(f"written: {folder / 'validation.html'}, and beside it validation.json")


# ---- JSON -----------------------------------------------------------------------------------


def summary(found: Validation) -> dict[str, Any]:
    """The JSON of a validation; `patterns` are under the supplies that count."""
    return {
        "command": "validate",
        "version": version("twoborders"),
        "note": BANNER,
        "scale": found.scale,
        "seeds": list(found.seeds),
        "members": found.members,
        "ensemble": found.ensemble,
        "patterns": [row(part) for part in found.parts],
        "labels": {
            p.target.id: {"label": p.target.label, "unit": p.target.unit} for p in found.parts
        },
        "inside": patterns(found.parts),
        "counts": _counts(found),
        "supplies": {
            letter: {
                "supply": SUPPLIES[letter],
                "counts": letter == DECLARED,
                "patterns": [row(part) for part in parts],
            }
            for letter, parts in found.supplies.items()
        },
        "estimator": [_world(world) for world in found.estimator],
        "shares": [_shares(shares) for shares in found.shares],
        "months": {episode: _months(bands) for episode, bands in found.bands.items()},
        "missing": list(found.missing),
        "digests": found.digests,
        "source": model_source(),
        "failed": [failed(failure) for failure in found.failures],
        "cpu_s": found.cpu_s,
    }


def row(part: Part) -> dict[str, Any]:
    """One part of a pattern."""
    t, s = part.target, part.simulated
    return {
        "id": t.id,
        "pattern": t.pattern,
        "part": t.part,
        "kind": t.kind,
        "observed": t.observed,
        "simulated": s.median,
        "low90": s.low90,
        "high90": s.high90,
        "tolerance_low": t.low,
        "tolerance_high": t.high,
        "inside": part.inside,
        "naive_last": part.naive_last,
        "naive_trend": part.naive_trend,
        "low50": s.low50,
        "high50": s.high50,
        "episode": t.episode,
        "supply": part.supply or None,
    }


def _counts(found: Validation) -> dict[str, Any]:
    """Patterns inside, judged and only reported: by kind, by episode, by supply."""
    return {
        "kinds": {kind: vars_of(_of(found.parts, kind=kind)) for kind in KINDS},
        "episodes": {
            episode: vars_of(_of(found.parts, kind="held_out", episode=episode))
            for episode in EPISODES
            if episode != "base"
        },
        "supplies": {letter: vars_of(parts) for letter, parts in found.supplies.items()},
    }


def vars_of(parts: Iterable[Part]) -> dict[str, int]:
    """A tally as a mapping."""
    counted = tally(parts)
    return {"inside": counted.inside, "judged": counted.judged, "reported": counted.reported}


def _of(parts: Iterable[Part], *, kind: str, episode: str = "") -> list[Part]:
    """The parts of a kind, and of an episode if one is named."""
    return [p for p in parts if p.target.kind == kind and episode in ("", p.target.episode)]


def _world(world: World) -> dict[str, Any]:
    """One world of the estimator: medians, and their 90 % intervals."""
    return {"world": world.role, "title": world.title} | {
        name: _range(r) for name, r in world.estimates.items()
    }


def _range(found: Range) -> dict[str, float]:
    """A median with its 90 % interval."""
    return {"median": found.median, "low90": found.low90, "high90": found.high90}


def _shares(found: Shares) -> dict[str, Any]:
    """Sector shares of a group: the record, and the median with its 90 % interval."""
    return {
        "group": found.group,
        "sectors": {
            sector: {"observed": share} | _range(found.simulated[sector])
            for sector, share in found.observed.items()
        },
    }


def _months(found: Bands) -> dict[str, Any]:
    """Monthly series of an episode; rows of the simulated ones are quantiles."""
    return {
        "months": found.months,
        "known": found.known,
        "simulated": {n: np.round(rows, 4).tolist() for n, rows in found.simulated.items()},
        "observed": {n: np.round(row, 4).tolist() for n, row in found.observed.items()},
    }


# ---- for a person ---------------------------------------------------------------------------


def tell(found: Validation) -> None:
    """Misses first, then counts, naive forecasts and the estimator."""
    console.line(f"{_played(found)}; a simulated migrant stands for {found.scale}.\n")
    for name in found.missing:
        console.line(f"Not played, there is no scenario {name}: its parts count as outside.")
    heads = ("", "", "observed", "simulated", "90 %", "accepted", "")
    rows = [_cells(part) for part in told.misses_first(found.parts)]
    console.table("Every part of every pattern, misses first", heads, rows, left=2, keep=True)
    _tell_counts(found)
    _tell_naive(found)
    _tell_estimator(found)
    for failure in found.failures:
        console.line(f"Left out, failed: {failure}")
    console.line("The designers knew the held-out facts: they are not fitted, but not blind.")
    console.line(f"{found.cpu_s:,.0f} CPU seconds. {BANNER}")


def _played(found: Validation) -> str:
    """Seeds and members in words."""
    seeds = len(found.seeds)
    each = f"{seeds} seed{'s' if seeds != 1 else ''}"
    return f"{found.members} members of the ensemble, {each} each" if found.ensemble else each


def _cells(part: Part) -> list[str]:
    """One row of the first table."""
    t, s = part.target, part.simulated
    return [
        t.pattern,
        t.label,
        told.observed(t),
        told.shown(s.median, t.unit),
        told.between(s.low90, s.high90, t.unit),
        told.accepted(t),
        told.verdict(part),
    ]


def _tell_counts(found: Validation) -> None:
    """By kind, by episode, by supply."""
    rows = [(told.KINDS[kind], told.counted(tally(_of(found.parts, kind=kind)))) for kind in KINDS]
    for episode in EPISODES:
        if episode != "base":
            parts = _of(found.parts, kind="held_out", episode=episode)
            rows.append((f"  held out, {told.EPISODES[episode]}", told.counted(tally(parts))))
    for letter, parts in found.supplies.items():
        mark = ", the one that counts" if letter == DECLARED else ""
        words = f"  2014 under supply ({letter}), {told.SUPPLIES[letter]}{mark}"
        rows.append((words, told.counted(tally(parts))))
    console.table("Patterns inside: all their parts are", ("", ""), rows)


def _tell_naive(found: Validation) -> None:
    """The series beside two naive forecasts."""
    rows = [
        (
            p.target.id,
            *(
                told.shown(v, p.target.unit)
                for v in (p.target.observed, p.simulated.median, p.naive_last, p.naive_trend)
            ),
            told.nearest(p),
        )
        for p in found.parts
        if told.has_naive(p)
    ]
    heads = ("", "observed", "model", "last year", "trend", "nearest")
    console.table("Beside two naive forecasts", heads, rows)


def _tell_estimator(found: Validation) -> None:
    """Estimates of the chance of an evader to be apprehended, and their biases."""
    rows = [
        (
            world.title,
            *(
                told.shown(world.estimates[name].median, "share")
                for name in ("true", *ESTIMATORS, *(f"bias_{n}" for n in ESTIMATORS))
            ),
        )
        for world in found.estimator
        if math.isfinite(world.estimates["true"].median)
    ]
    heads = ("", "true", *told.ESTIMATORS.values(), "bias", "bias", "bias")
    console.table(
        "Chance of an evader to be apprehended, and three ways to estimate it", heads, rows
    )
