"""Validate: the model beside the record, misses first; nothing is played here."""

from __future__ import annotations

from pathlib import Path

import solara

from agents.param import SettingError
from viz.documents.validation.kept import SHIPPED, Kept, read
from viz.figures.markup import el, esc
from viz.screen.panels import validation
from viz.screen.panels.parts import box, heading, note, raw
from viz.screen.session import Session
from viz.screen.stores import root
from viz.screen.words import Words

COMMANDS = ("twoborders validate", "twoborders validate --ensemble 60")
OWN = Path("validate", "validation.json")  # where the command writes it, beneath the stores


@solara.component
def Validate(session: Session):
    """The packaged validation, or the one that was played here."""
    t = session.words
    own, show_own = solara.use_state(False)
    there = (root() / OWN).is_file() and not (root() / OWN).is_symlink()
    with box(cls="tb-room", tag="main"):
        with box(cls="tb-card", tag="section"):
            heading(t("check.title"))
            note(t("check.lead"))
            if there:
                names = [t("check.shipped"), f"{t('check.own')} {root().name}/{OWN.parent}"]
                solara.Select(
                    t("check.which"),
                    values=names,
                    value=names[own],
                    on_value=lambda name: show_own(name == names[1]),
                )
        _Read(session, root() / OWN if own and there else SHIPPED)


@solara.component
def _Read(session: Session, path: Path):
    """What a file holds, or why it cannot be read."""
    t = session.words

    def told() -> Kept | str:
        try:
            return read(path)
        except SettingError as error:
            return str(error)

    kept = solara.use_memo(told, [path])
    if isinstance(kept, str):
        raw(esc(t.translate(kept)), cls="tb-trouble tb-card")
    else:
        _Found(session, kept)


@solara.component
def _Found(session: Session, kept: Kept):
    """Counts and misses, every part, months, and what else there is to know."""
    t, found = session.words, kept.found
    with box(cls="tb-pair"):
        with box(cls="tb-card", tag="section"):
            heading(t("check.misses"))
            raw(validation.misses(t, found))
        with box(cls="tb-card", tag="section"):
            heading(t("check.counts"))
            raw(validation.counts(t, found), cls="tb-heat-room")
            for line in _played(t, kept):
                note(line)
    _Card(t("check.parts"), t("check.parts_help"), validation.parts(t, found))
    if found.bands:
        _Card(
            t("check.months_title"),
            t("check.months_help"),
            validation.months(t, found),
            "tb-months",
        )
    _Card(t("check.naive_title"), t("check.naive_help"), validation.naive(t, found))
    _Card(t("check.estimator_title"), t("check.estimator_help"), validation.estimator(t, found))
    commands = "".join(el("code", esc(command)) + "\n" for command in COMMANDS)
    _Card(t("check.again"), t("check.again_help"), el("pre", commands, class_="tb-command"))


@solara.component
def _Card(title: str, told: str, html: str, cls: str = "tb-heat-room"):
    """A heading, how to read it, and what it is."""
    with box(cls="tb-card", tag="section"):
        heading(title)
        note(told)
        raw(html, cls=cls)


def _played(t: Words, kept: Kept) -> list[str]:
    """What was played, with which model, and what is not in it."""
    found, seeds = kept.found, len(kept.found.seeds)
    key = "check.played_members" if found.ensemble else "check.played_seeds"
    played = t(key).format(members=found.members, seeds=seeds, scale=found.scale)
    model = t("check.same" if kept.same_model else "check.other")
    lines = [played, t("check.near"), f"{model} ({kept.source})."]
    if kept.failed:
        lines.append(f"{kept.failed} {t('check.failed')}")
    if found.missing:
        lines.append(f"{t('check.missing')} {', '.join(found.missing)}.")
    return [*lines, t("note")]
