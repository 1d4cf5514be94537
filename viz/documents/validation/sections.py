"""The parts of the page of a validation, in the order in which they are read."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.episodes import DECLARED, FACTORS, SUPPLIES, SURGE
from experiments.targets import EPISODES, KINDS, Line
from experiments.validate import ESTIMATORS, Part, Validation, World, tally
from viz.documents.comparison.tables import row, table
from viz.documents.validation import words
from viz.figures.markup import el, esc, section
from viz.figures.validation import bands_svg, shares_svg, tolerances_svg

GROUPS = {"northern_triangle": "Northern Triangle", "mexican": "Mexicans"}


def played(found: Validation) -> str:
    """Seeds, members and scale in words."""
    seeds = len(found.seeds)
    told = f"{seeds} seed{'s' if seeds != 1 else ''}"
    if found.ensemble:
        told = f"{found.members} members of the ensemble, {told} each"
    return f"{told} · a simulated migrant stands for {found.scale} persons"


def short(found: Validation) -> str:
    """Counts by kind, by episode and by supply."""
    items: list[tuple[str, Sequence[Part]]] = [
        (words.KINDS[kind], _of(found.parts, kind)) for kind in KINDS
    ]
    items += [
        (f"Held out, {words.EPISODES[e]}", _of(found.parts, "held_out", e))
        for e in EPISODES
        if e != "base"
    ]
    for letter, parts in found.supplies.items():
        mark = ", the one that counts" if letter == DECLARED else ""
        items.append((f"2014 under supply ({letter}), {words.SUPPLIES[letter]}{mark}", parts))
    rows = [
        row(esc(name), [el("b", esc(words.counted(tally(parts))))], ["Patterns"])
        for name, parts in items
    ]
    lead = (
        "A pattern is inside when all its parts are. Agreement with what was fitted is no evidence "
        "that the model is right; a miss is evidence that something is wrong. The designers knew "
        "the held-out facts: they are not fitted, but not blind."
    )
    missing = [
        el("p", esc(f"Not played: there is no scenario {name}."), class_="note")
        for name in found.missing
    ]
    counts = table("Patterns inside what is accepted", ["What", "Patterns"], rows)
    return section("short", "In short", counts, *missing, lead=lead)


def supplies(found: Validation) -> str:
    """What the test of 2014 gives under each of its three supplies."""
    labels = ["Observed", *[f"({letter}) {words.SUPPLIES[letter]}" for letter in found.supplies]]
    rows = [
        row(
            esc(f"{parts[0].target.pattern} {parts[0].target.label}"),
            [esc(words.observed(parts[0].target)), *map(_under, parts)],
            labels,
        )
        for parts in zip(*found.supplies.values(), strict=True)
    ]
    lead = (
        "Who could set out after June 2014 is not known to the model. Three levels are played: "
        f"({DECLARED}) is the one that counts; ({list(SUPPLIES)[-1]}) holds the surge in it."
    )
    body = table("2014 under three supplies", ["Part", *labels], rows)
    return section("supplies", "How much rests on supply", body, lead=lead)


def _under(part: Part) -> str:
    """A figure with its verdict."""
    shown = words.shown(part.simulated.median, part.target.unit)
    return el("b", esc(shown)) + " " + _verdict(part)


def misses(found: Validation) -> str:
    """What is outside, the farthest first, with what a reader should know of it."""
    outside = [part for part in words.misses_first(found.parts) if part.inside is False]
    items = [
        el("li", el("strong", esc(part.target.pattern)), " ", esc(_miss(part))) for part in outside
    ]
    told = el("ul", *items) if items else el("p", "No part is outside.")
    return section("misses", "Misses", told)


def _miss(part: Part) -> str:
    """A miss in a sentence."""
    t = part.target
    simulated = words.shown(part.simulated.median, t.unit)
    told = f"{t.label}: observed {words.observed(t)}, simulated {simulated}, "
    told += f"accepted {words.accepted(t)}."
    return f"{told} {t.note}" if t.note else told


def parts(found: Validation) -> str:
    """The big table, misses first."""
    labels = ["Observed", "Simulated", "90 %", "Accepted", "Verdict", "Source"]
    rows = [_part(part, labels) for part in words.misses_first(found.parts)]
    lead = "Observed figures are computed from the packaged record; tolerances were fixed before."
    body = table("Every part of every pattern, misses first", ["Part", *labels], rows)
    return section("parts", "Every part", body, lead=lead)


def _part(part: Part, labels: list[str]) -> str:
    """One row."""
    t, s = part.target, part.simulated
    name = esc(f"{t.pattern} {t.label}")
    name += el("small", esc(" · ".join(filter(None, (t.kind.replace("_", " "), t.note)))))
    cells = [
        esc(words.observed(t)),
        el("b", esc(words.shown(s.median, t.unit))),
        esc(words.between(s.low90, s.high90, t.unit)),
        esc(words.accepted(t)),
        _verdict(part),
        el("small", esc(_files(t.line))),
    ]
    return row(name, cells, labels)


def _verdict(part: Part) -> str:
    """The verdict, marked where it is a miss."""
    told = esc(words.verdict(part))
    return el("mark", told) if part.inside is False else told


def _files(line: Line) -> str:
    """Files that a figure is computed from."""
    names = [line["file"], line["over_file"]]
    return ", ".join(dict.fromkeys(name for name in names if name)) or "nothing published"


def tolerances(found: Validation) -> str:
    """Every part with its band, a picture a kind."""
    fitted, emergent, held_out = (
        el("figure", tolerances_svg(words.misses_first(_of(found.parts, kind)), title=title))
        for kind, title in words.KINDS.items()
    )
    lead = (
        "What is accepted has the same width in every row; marks at the edge lie beyond it. Thin "
        "lines hold nine runs in ten, thick ones half of them."
    )
    body = el("div", fitted, el("div", held_out, emergent), class_="grid")
    return section("bands", "Every part with its tolerance", body, lead=lead)


def sectors(found: Validation) -> str:
    """Sector shares of both groups."""
    charts = [
        el("figure", shares_svg(shares, title=f"Share of apprehensions FY2013, {name}"))
        for group, name in GROUPS.items()
        for shares in found.shares
        if shares.group == group
    ]
    return section("sectors", "Where people are apprehended", el("div", *charts, class_="grid"))


def months(found: Validation) -> str:
    """Apprehensions at the U.S. line by month, around both measures."""
    charts = [
        el(
            "figure",
            bands_svg(
                bands,
                group,
                title=f"{name}, {_years(bands.months)}",
                unit="apprehensions at the U.S. line, a month",
            ),
        )
        for bands in found.bands.values()
        for group, name in GROUPS.items()
    ]
    lead = (
        "The record is drawn over what is simulated. In the shaded months nothing at the U.S. line "
        "was used: supply is held at a declared level, and the dose follows Mexico's own figures."
    )
    body = el("div", *charts, class_="grid")
    return section("months", "Month by month, 2014 and 2019", body, lead=lead) if charts else ""


def mexico(found: Validation) -> str:
    """Mexico's share of interceptions by month."""
    charts = [
        el(
            "figure",
            bands_svg(
                bands,
                "mexico_share",
                title=f"Mexico's share, {_years(bands.months)}",
                unit="% of interceptions of Northern Triangle people",
                share=True,
            ),
        )
        for bands in found.bands.values()
    ]
    lead = "Where only a winter's share is published, it stands for each of its months."
    body = el("div", *charts, class_="grid")
    return section("share", "Mexico's share of interceptions", body, lead=lead) if charts else ""


def _years(months: Sequence[str]) -> str:
    """The first and last year."""
    return f"{months[0][:4]} to {months[-1][:4]}"


def naive(found: Validation) -> str:
    """The series beside two naive forecasts."""
    labels = ["Observed", "Model", "Last year", "Trend", "Nearest"]
    rows = [
        row(
            esc(f"{p.target.pattern} {p.target.label}"),
            [
                *(
                    esc(words.shown(v, p.target.unit))
                    for v in (p.target.observed, p.simulated.median, p.naive_last, p.naive_trend)
                ),
                esc(words.nearest(p)),
            ],
            labels,
        )
        for p in found.parts
        if words.has_naive(p)
    ]
    lead = (
        "Last year's value, and a straight line through all years before: of the fiscal year, or "
        "of each month after the last that supply knows."
    )
    body = table("Beside two naive forecasts", ["Part", *labels], rows)
    return section("naive", "Is it better than no model?", body, lead=lead)


def estimator(found: Validation) -> str:
    """The repeated-trials estimator inside the model, against the truth."""
    known = [world for world in found.estimator if math.isfinite(world.estimates["true"].median)]
    if not known:
        return ""
    ways = [name.capitalize() for name in words.ESTIMATORS.values()]
    labels = ["Surrendered", "True", *ways]
    rows = [
        row(esc(f"In a world where {world.title}"), _estimates(world), labels) for world in known
    ]
    lead = (
        "Inside the model the true chance of an evader to be apprehended at an attempt is known. "
        "Repeated trials of evaders alone come close to it. Counting those who surrender misleads, "
        "in opposite directions: repeated trials of everybody fall below the truth, because people "
        "who are released do not come back and look as if they had not been caught again; "
        "apprehensions over all encounters rise above it, because a surrender is a sure "
        "apprehension. Repeated trials of everybody miss second apprehensions after the year's "
        "end as well, so they are too low even where nobody surrenders."
    )
    body = table("Estimates, and their bias from the truth", ["World", *labels], rows)
    return section("estimator", "What an agency could find out", body, lead=lead)


def _estimates(world: World) -> list[str]:
    """Share of surrenders, the truth, and estimates with their biases."""
    e = world.estimates
    share = f"{100 * e['surrendered_share'].median:.1f} %"
    cells = [share, el("b", words.shown(e["true"].median, "share"))]
    for name in ESTIMATORS:
        bias = e[f"bias_{name}"]
        sign = "+" if bias.median > 0 else ""
        told = f"bias {sign}{words.shown(bias.median, 'share')}"
        ends = words.between(bias.low90, bias.high90, "share")
        cells.append(words.shown(e[name].median, "share") + el("small", esc(f"{told} ({ends})")))
    return cells


def method(found: Validation) -> str:
    """How the figures come about."""
    factors = " and ".join(f"{factor:g}" for factor in FACTORS)
    sentences = (
        "The base year is the first year of the scenario baseline. Figures of other years and "
        "surveys are set beside it where the design says so; their names say which they are.",
        f"Elasticities: {factors} times the agents in every sector from the first day, same seeds; "
        "the second year is looked at. They are ratios of logarithms, of fees per contract and of "
        "people who set out.",
        f"Displacement: one sector works as with {SURGE:g} times its agents; attempts gained by "
        "all other sectors over attempts lost by it, in the second year.",
        "The episodes follow the record of staff, barrier, detention and consequences. For 2014 "
        f"supply is {SUPPLIES[DECLARED]}; the other two are counted beside it.",
        "Simulated figures are medians over seeds, and over members of the ensemble where one is "
        "played; the intervals are over the same runs.",
    )
    lost = [f"Left out, failed: {failure}" for failure in found.failures]
    return section(
        "method", "How it was done", el("ol", *[el("li", esc(s)) for s in (*sentences, *lost)])
    )


def again(found: Validation, command: str) -> str:
    """Command, version, seeds, digests."""
    facts = [("Seeds", ", ".join(map(str, found.seeds[:40])))]
    facts += [(f"Digest of the settings, {role}", text) for role, text in found.digests.items()]
    rows = [el("dt", esc(k)) + el("dd", esc(v)) for k, v in facts]
    return section("again", "Do it again", el("pre", el("code", esc(command))), el("dl", *rows))


def _of(parts: Sequence[Part], kind: str, episode: str = "") -> list[Part]:
    """The parts of a kind, and of an episode if one is named."""
    return [p for p in parts if p.target.kind == kind and episode in ("", p.target.episode)]
