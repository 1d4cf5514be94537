"""The benchmark of the screen: messages between page and server, and measurements."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Sequence

import pytest

from experiments.bench import BenchError
from viz.bench import screen, visitors
from viz.bench.served import Usage
from viz.bench.wire import Message, WidgetStates, format_message, parse_message
from viz.screen.session.choice import Choice
from viz.screen.session.visitors import migrants_per_year

NOTHING = Usage(at=0.0, cpu=0.0, simulation=0.0, days=0, mb=100.0, threads=5, visitors=0, worlds=0)


def widget_message(kind: str, widget: str, **data: object) -> str:
    return format_message(kind, {"comm_id": widget, "data": data}, "session")


def packed(text: str, *buffers: bytes) -> bytes:
    """A message with buffers: the number of parts, their offsets, the parts."""
    parts = [text.encode(), *buffers]
    begins = [4 * (len(parts) + 1)]
    for one in parts[:-1]:
        begins.append(begins[-1] + len(one))
    return struct.pack(f"!{len(parts) + 1}I", len(parts), *begins) + b"".join(parts)


def used(at: float, share: float, **more: float) -> Usage:
    """Usage of a server with a constant share of a core."""
    return dataclasses.replace(NOTHING, at=at, cpu=at * share, **more)


# ---- messages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("buffers", [(), (b"abc",), (b"", b"\xff" * 700)])
def test_a_binary_message_is_parsed_like_its_text(buffers: tuple[bytes, ...]):
    text = widget_message("comm_msg", "w", method="update", state={"serial": 7})
    plain, binary = parse_message(text), parse_message(packed(text, *buffers))
    assert binary == dataclasses.replace(plain, size=len(packed(text, *buffers)))
    assert plain.is_update and plain.widget == "w" and plain.state == {"serial": 7}


@pytest.mark.parametrize("data", ["", "{", "[]", "{}", b"", b"\0\0", b"\0\0\0\1\0\0\0\x09", "3"])
def test_an_invalid_message_raises_an_error(data: str | bytes):
    with pytest.raises(ValueError):
        parse_message(data)


def test_a_page_holds_the_latest_states_of_its_widgets():
    page = WidgetStates()
    assert page.run_button() is None and page.speed_slider() is None and page.maps() == []
    for text in (
        widget_message(
            "comm_open", "settings", state={"class_": "tb-run-settings", "disabled": False}
        ),
        widget_message("comm_open", "run", state={"class_": "tb-run", "disabled": True}),
        widget_message("comm_open", "a", state={"ack": -1, "serial": 0}),
        widget_message("comm_open", "b", state={"ack": -1, "serial": 0, "answers": True}),
        widget_message("comm_msg", "b", method="update", state={"serial": 3}),
        widget_message("comm_msg", "stranger", method="update", state={"serial": 3}),
    ):
        page.update(parse_message(text))
    assert page.run_button() is None, "the button is disabled while the worlds are built"
    page.update(
        parse_message(widget_message("comm_msg", "run", method="update", state={"disabled": False}))
    )
    page.update(parse_message(widget_message("comm_close", "a")))
    assert page.run_button() == "run" and page.maps() == ["b"] and page.states["b"]["serial"] == 3
    assert page.answers("b") and not page.answers("a") and not page.answers("stranger")


# ---- the screen ----------------------------------------------------------------------------------


def acknowledged(at: float, widget: str, serial: int) -> list[object]:
    text = widget_message("comm_msg", widget, method="update", state={"ack": serial})
    return [at, "out", len(text), text]


def received(at: float, widget: str, size: int) -> list[object]:
    text = widget_message("comm_msg", widget, method="update", state={"serial": 1})
    return [at, "in", size, text]


def session(raw: Sequence[Sequence[object]], done: Usage) -> screen.Session:
    return screen.Session(
        screen.parse_log(raw), NOTHING, done, 100_000, [0.1, 0.2], {"speed": [0.05]}
    )


def test_a_frame_counts_as_drawn_when_the_answering_map_acknowledges_it():
    raw = [acknowledged(30, "b", 1), received(40, "b", 2000), acknowledged(130, "b", 2)]
    assert screen.draw_times(screen.parse_log(raw)) == [30, 130]


def test_cpu_and_bytes_are_divided_by_days_and_frames():
    raw = [
        line
        for k in range(11)
        for line in (
            acknowledged(100 * k, "b", k),
            received(100 * k, "a", 2000),
            received(100 * k, "b", 4000),
            [100 * k, "in", 6000, ""],
        )
    ]
    found = {
        f.name: f
        for f in screen.measurements(session(raw, used(1.0, 0.5, simulation=0.2, days=20)))
    }
    values = {name.removeprefix("Screen: "): f.value for name, f in found.items()}
    assert values["time between frames, mean"] == pytest.approx(100.0)
    assert values["CPU to simulate a day of a world"] == pytest.approx(10.0)
    assert values["CPU per frame, without the simulation"] == pytest.approx(30.0)
    assert values["size of a frame of a map"] == 3000 and values["pause, slowest"] == 0.2
    assert values["bytes sent per frame of a map"] == 6000
    assert [f.good for f in found.values()].count(False) == 2  # bytes in all, and CPU a frame


def test_maps_without_drawn_frames_raise_an_error():
    with pytest.raises(BenchError, match="drew no frames"):
        screen.measurements(session([acknowledged(0, "b", 1)], used(1.0, 0.5)))


# ---- the class -----------------------------------------------------------------------------------


def test_the_worst_visitor_is_reported_next_to_the_median():
    samples = [used(100.0 + 2 * k, 0.0, mb=130.0) for k in range(38)]
    measured = visitors.ClassSession(
        used(1.0, 0.5),
        used(10.0, 0.5),
        used(20.0, 0.5, mb=160.0, days=240),
        [40, 40, 20],
        build_s=5.0,
        people=10_000,
        samples=samples,
    )
    found = {f.name: f for f in visitors.measurements(measured)}
    median, worst = (
        found.pop("Class: seconds for 4 days, median visitor"),
        found.pop("Class: seconds for 4 days, worst visitor"),
    )
    assert median.value == pytest.approx(1.0) and median.good
    assert worst.value == pytest.approx(2.0) and not worst.good
    assert found["Class: memory per visitor"].value == pytest.approx(20.0)
    assert found["Class: processor of the server"].value == pytest.approx(0.5)


def test_a_class_without_frames_still_has_measurements():
    samples = [used(100.0 + 2 * k, 0.0) for k in range(3)]
    still = visitors.ClassSession(
        NOTHING, used(10.0, 0.0), used(20.0, 0.0), [0, 0], 5.0, 10_000, samples
    )
    assert not visitors.measurements(still)[0].good


def test_the_processor_is_idle_after_a_steady_pause():
    busy = {2, 3, 6, 40}  # samples before which it worked
    cpu, samples = 0.0, []
    for k in range(45):
        cpu += 1.0 if k in busy else 0.01
        samples.append(dataclasses.replace(NOTHING, at=2.0 * k, cpu=cpu))
    assert (
        visitors.idle_time(samples) == 12.0
    )  # the pause from 3 to 6 is too short, 40 is the cleanup
    assert visitors.idle_time([used(2.0 * k, 0.5) for k in range(10)]) == 18.0


def test_scales_give_the_requested_number_of_people():
    def people(scale: int) -> int:
        return migrants_per_year(Choice(scale=scale).scenario(0))

    fine, coarse = screen.scale_for(100_000), visitors.scale_for(10_000)
    assert people(fine) >= 100_000 > people(fine + 1)
    assert people(coarse) <= 10_000 < people(coarse - 1)


def test_a_formatted_message_is_json_of_the_protocol():
    message = json.loads(format_message("comm_msg", {"comm_id": "w"}, "s"))
    assert message["header"]["session"] == "s" and message["channel"] == "shell"
    assert parse_message(json.dumps(message)) == Message(
        "comm_msg", "w", size=len(json.dumps(message))
    )
