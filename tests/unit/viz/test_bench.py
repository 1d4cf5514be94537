"""What the benchmark of the screen makes of messages and of figures."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Sequence

import pytest

from experiments.bench import BenchError
from viz.bench import screen, visitors
from viz.bench.served import Used
from viz.bench.wire import Widgets, Word, read, write
from viz.screen.choice import Choice
from viz.screen.visitors import migrants_per_year

NOTHING = Used(at=0.0, cpu=0.0, play=0.0, days=0, mb=100.0, threads=5, visitors=0, worlds=0)


def told(kind: str, widget: str, **data: object) -> str:
    return write(kind, {"comm_id": widget, "data": data}, "session")


def packed(text: str, *buffers: bytes) -> bytes:
    """A message with buffers: how many parts, where each begins, the parts."""
    parts = [text.encode(), *buffers]
    begins = [4 * (len(parts) + 1)]
    for one in parts[:-1]:
        begins.append(begins[-1] + len(one))
    return struct.pack(f"!{len(parts) + 1}I", len(parts), *begins) + b"".join(parts)


def used(at: float, share: float, **more: float) -> Used:
    """Figures of a server that has always taken the same share of a core."""
    return dataclasses.replace(NOTHING, at=at, cpu=at * share, **more)


# ---- messages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("buffers", [(), (b"abc",), (b"", b"\xff" * 700)])
def test_a_binary_message_says_what_its_text_says(buffers: tuple[bytes, ...]):
    text = told("comm_msg", "w", method="update", state={"serial": 7})
    plain, binary = read(text), read(packed(text, *buffers))
    assert binary == dataclasses.replace(plain, size=len(packed(text, *buffers)))
    assert plain.changes and plain.widget == "w" and plain.state == {"serial": 7}


@pytest.mark.parametrize("data", ["", "{", "[]", "{}", b"", b"\0\0", b"\0\0\0\1\0\0\0\x09", "3"])
def test_what_is_no_message_is_refused(data: str | bytes):
    with pytest.raises(ValueError):
        read(data)


def test_a_page_knows_what_it_was_told_last():
    page = Widgets()
    assert page.run() is None and page.speed() is None and page.maps() == []
    for text in (
        told("comm_open", "settings", state={"class_": "tb-run-settings", "disabled": False}),
        told("comm_open", "run", state={"class_": "tb-run", "disabled": True}),
        told("comm_open", "a", state={"ack": -1, "serial": 0}),
        told("comm_open", "b", state={"ack": -1, "serial": 0, "answers": True}),
        told("comm_msg", "b", method="update", state={"serial": 3}),
        told("comm_msg", "stranger", method="update", state={"serial": 3}),
    ):
        page.take(read(text))
    assert page.run() is None, "it is not to be pressed while the worlds are built"
    page.take(read(told("comm_msg", "run", method="update", state={"disabled": False})))
    page.take(read(told("comm_close", "a")))
    assert page.run() == "run" and page.maps() == ["b"] and page.states["b"]["serial"] == 3
    assert page.answers("b") and not page.answers("a") and not page.answers("stranger")


# ---- the screen ----------------------------------------------------------------------------------


def drawn(at: float, widget: str, serial: int) -> list[object]:
    text = told("comm_msg", widget, method="update", state={"ack": serial})
    return [at, "out", len(text), text]


def sent(at: float, widget: str, size: int) -> list[object]:
    text = told("comm_msg", widget, method="update", state={"serial": 1})
    return [at, "in", size, text]


def seen(raw: Sequence[Sequence[object]], done: Used) -> screen.Seen:
    return screen.Seen(screen.noted(raw), NOTHING, done, 100_000, [0.1, 0.2], {"speed": [0.05]})


def test_a_frame_is_drawn_when_the_map_that_answers_for_both_says_so():
    raw = [drawn(30, "b", 1), sent(40, "b", 2000), drawn(130, "b", 2)]
    assert screen.drawn(screen.noted(raw)) == [30, 130]


def test_cpu_and_bytes_are_shared_out_over_days_and_frames():
    raw = [
        line
        for k in range(11)
        for line in (
            drawn(100 * k, "b", k),
            sent(100 * k, "a", 2000),
            sent(100 * k, "b", 4000),
            [100 * k, "in", 6000, ""],
        )
    ]
    found = {f.name: f for f in screen.figures(seen(raw, used(1.0, 0.5, play=0.2, days=20)))}
    values = {name.removeprefix("Screen: "): f.value for name, f in found.items()}
    assert values["between two frames, mean"] == pytest.approx(100.0)
    assert values["CPU to play a day of a world"] == pytest.approx(10.0)
    assert values["CPU of all else a frame"] == pytest.approx(30.0)
    assert values["a frame of a map"] == 3000 and values["a pause settles, slowest"] == 0.2
    assert values["all that is sent, for each frame of a map"] == 6000
    assert [f.good for f in found.values()].count(False) == 2  # bytes in all, and CPU a frame


def test_maps_that_draw_nothing_give_no_figure():
    with pytest.raises(BenchError, match="drew no frames"):
        screen.figures(seen([drawn(0, "b", 1)], used(1.0, 0.5)))


# ---- the class -----------------------------------------------------------------------------------


def test_the_worst_visitor_is_told_beside_the_median():
    looks = [used(100.0 + 2 * k, 0.0, mb=130.0) for k in range(38)]
    class_ = visitors.Seen(
        used(1.0, 0.5),
        used(10.0, 0.5),
        used(20.0, 0.5, mb=160.0, days=240),
        [40, 40, 20],
        built=5.0,
        people=10_000,
        looks=looks,
    )
    found = {f.name: f for f in visitors.figures(class_)}
    median, worst = (
        found.pop("Class: seconds for 4 days, median visitor"),
        found.pop("Class: seconds for 4 days, worst visitor"),
    )
    assert median.value == pytest.approx(1.0) and median.good
    assert worst.value == pytest.approx(2.0) and not worst.good
    assert found["Class: memory a visitor"].value == pytest.approx(20.0)
    assert found["Class: processor of the server"].value == pytest.approx(0.5)


def test_a_class_that_stands_still_has_no_pace_but_figures():
    looks = [used(100.0 + 2 * k, 0.0) for k in range(3)]
    still = visitors.Seen(NOTHING, used(10.0, 0.0), used(20.0, 0.0), [0, 0], 5.0, 10_000, looks)
    assert not visitors.figures(still)[0].good


def test_it_rests_when_it_has_rested_for_a_while():
    busy = {2, 3, 6, 40}  # looks before which it worked
    cpu, looks = 0.0, []
    for k in range(45):
        cpu += 1.0 if k in busy else 0.01
        looks.append(dataclasses.replace(NOTHING, at=2.0 * k, cpu=cpu))
    assert visitors.rests(looks) == 12.0  # the pause from 3 to 6 was too short, 40 is the clearing
    assert visitors.rests([used(2.0 * k, 0.5) for k in range(10)]) == 18.0


def test_scales_give_so_many_people():
    def people(scale: int) -> int:
        return migrants_per_year(Choice(scale=scale).scenario(0))

    fine, coarse = screen.scale_for(100_000), visitors.scale_for(10_000)
    assert people(fine) >= 100_000 > people(fine + 1)
    assert people(coarse) <= 10_000 < people(coarse - 1)


def test_a_message_that_is_written_is_json_of_the_protocol():
    message = json.loads(write("comm_msg", {"comm_id": "w"}, "s"))
    assert message["header"]["session"] == "s" and message["channel"] == "shell"
    assert read(json.dumps(message)) == Word("comm_msg", "w", size=len(json.dumps(message)))
