"""On a forking line nothing overlaps, distance is time, and omitted events are counted."""

from __future__ import annotations

import datetime
import itertools
import random
from xml.etree import ElementTree

import pytest

from viz.figures.forking_line import (
    RADIUS,
    Drawing,
    Line,
    LineEvent,
    PersonTimeline,
    Rectangle,
    draw,
    lay_out,
)

START = datetime.date(2012, 10, 1)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WIDTHS = (280.0, 320.0, 480.0, 600.0, 760.0, 1080.0, 1400.0)
OUTCOME = ("Gets through: Houston", "29 Mar 2013 · 122 days", "paid $6,723 · owes $1,000")


def story(seed: int, forks: bool = True) -> PersonTimeline:
    """Return a random story, as long and as crowded as the stories of the model."""
    chance = random.Random(seed)
    keys = itertools.count()
    first = chance.randrange(1, 300)

    def line(world: str, since: int, until: int, ends: bool) -> Line:
        days = sorted(
            chance.sample(range(since, until), min(chance.randrange(0, 40), until - since))
        )
        events = [
            LineEvent(
                day,
                "Reaches " + "x" * chance.randrange(3, 24),
                "a detail " * chance.randrange(0, 6),
                chance.choice([1, 1, 1, 4, 5, 7, 9]),
                next(keys),
                chance.random() < 0.2,
            )
            for day in days
        ]
        if ends:
            events.append(LineEvent(until, "Gets through", "", 8, next(keys), ends=True))
        captive = [(days[0], days[-1])] if len(days) > 3 else []
        return Line(world, events, until, OUTCOME if world or not forks else (), captive)

    if not forks:
        until = first + chance.randrange(1, 500)
        return PersonTimeline(first, START, [line("a", first, until, True)])
    fork = first + chance.choice([0, 1, 5, 60])
    lines = [line("", first, fork, False)] if fork > first else [Line("", [], fork)]
    for world in "ab":
        until = fork + chance.choice([0, 1, 20, 300])
        lines.append(line(world, fork, until, chance.random() < 0.7))
    return PersonTimeline(
        first, START, lines, fork, ("20 Aug: the worlds part", "A: one thing · B: another")
    )


@pytest.fixture(scope="module")
def placed() -> list[tuple[PersonTimeline, Drawing]]:
    """Draw random stories at every width."""
    stories = [story(seed, forks=seed % 4 > 0) for seed in range(40)]
    return [(one, lay_out(one, width)) for one in stories for width in WIDTHS]


def shrunk(box: Rectangle) -> Rectangle:
    """Return a box slightly reduced, so that touching boxes do not count as overlapping."""
    return Rectangle(box.left + 0.01, box.top + 0.01, box.right - 0.01, box.bottom - 0.01)


def test_labels_marks_and_boxes_do_not_overlap(placed: list[tuple[PersonTimeline, Drawing]]):
    for _, drawing in placed:
        boxes = [label.box for label in drawing.labels]
        boxes += [mark.box for mark in drawing.marks]
        boxes += [outcome.box for outcome in drawing.outcomes]
        for a, b in itertools.combinations(map(shrunk, boxes), 2):
            assert not a.overlaps(b), (a, b)


def test_everything_is_inside_of_the_drawing(placed: list[tuple[PersonTimeline, Drawing]]):
    for _, drawing in placed:
        for box in [one.box for one in (*drawing.labels, *drawing.outcomes)]:
            assert box.left >= 0 and box.right <= drawing.width + 0.01
            assert box.top >= drawing.top and box.bottom <= drawing.height
        for mark in drawing.marks:
            assert RADIUS <= mark.x <= drawing.width - RADIUS + 0.01
        for stretch in drawing.stretches:
            assert stretch.x0 <= stretch.x1 + 0.01 and stretch.x1 <= drawing.width


def test_every_event_has_a_number_or_is_dropped(placed: list[tuple[PersonTimeline, Drawing]]):
    for one, drawing in placed:
        keys = sorted(event.key for line in one.lines for event in line.events)
        shown = [mark.event.key for mark in drawing.marks]
        assert sorted(shown + [event.key for event in drawing.dropped]) == keys


def test_numbers_go_on_from_both_worlds_to_each(placed: list[tuple[PersonTimeline, Drawing]]):
    for _, drawing in placed:
        numbers = {
            world: [mark.number for mark in drawing.marks if mark.world == world] for world in " ab"
        } | {"": [mark.number for mark in drawing.marks if not mark.world]}
        both = len(numbers[""])
        assert numbers[""] == list(range(1, both + 1))
        for world in "ab":
            assert numbers[world] == list(range(both + 1, both + 1 + len(numbers[world])))


def test_distance_along_a_line_is_time(placed: list[tuple[PersonTimeline, Drawing]]):
    for _, drawing in placed:
        for world in ("", "a", "b"):
            marks = [mark for mark in drawing.marks if mark.world == world]
            paces = [
                (b.x - a.x) / (b.event.day - a.event.day) for a, b in itertools.pairwise(marks)
            ]
            assert all(pace == pytest.approx(paces[0], abs=1e-6) for pace in paces)


def test_a_more_important_event_is_not_dropped_for_room_that_a_lesser_one_gets():
    events = [
        LineEvent(100, "Reaches Puebla", "", 1, 0),
        LineEvent(101, "Kidnapped near Puebla", "", 9, 1, human=True),
    ]
    drawing = lay_out(PersonTimeline(1, START, [Line("a", events, 300, OUTCOME)]), 500.0)
    assert [mark.event.key for mark in drawing.marks] == [1]
    assert [event.key for event in drawing.dropped] == [0]


def test_the_svg_is_valid_names_its_numbers_and_is_the_same_each_time(
    placed: list[tuple[PersonTimeline, Drawing]],
):
    for one, drawing in placed[::9]:
        spoken = {mark.event.key: f"event <{mark.number}>" for mark in drawing.marks}
        svg = draw(drawing, "A & B", "text", MONTHS, spoken)
        assert svg == draw(lay_out(one, drawing.width), "A & B", "text", MONTHS, spoken)
        groups = ElementTree.fromstring(svg).findall(".//*[@data-event]")
        assert [int(group.get("data-event", "")) for group in groups] == [
            mark.event.key for mark in drawing.marks
        ]
        assert all(group.get("role") == "button" for group in groups)
        assert [group.get("aria-label") for group in groups] == [
            f"event <{mark.number}>" for mark in drawing.marks
        ]
