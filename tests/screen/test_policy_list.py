"""The policy list in a real browser, with the panel's functions instead of a server."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from abm.policies import registry
from tests.screen.waiting import until
from viz.screen.panels.number_labels import list_words
from viz.screen.panels.policy_actions import read_request
from viz.screen.panels.policy_panel import apply_action
from viz.screen.panels.policy_view import payload
from viz.screen.session.choice import Choice
from viz.screen.widgets.script import WIDGETS
from viz.screen.widgets.traits import PolicyList
from viz.screen.words import Words

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Policies</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="screen.css"><link rel="stylesheet" href="policies.css">
<style>body { margin: 0; font-family: system-ui, sans-serif }</style>
<main class="tb-app"><div class="tb-card tb-policies" id="a"></div></main>
<script type="module">
import widget from "./policies.js";
class Model {
  constructor(data) { this.data = data; this.calls = {}; }
  get(name) { return this.data[name]; }
  on(event, call) { (this.calls[event] ??= []).push(call); }
  off() {}
  async send(message) {
    const changes = JSON.parse(await serve(JSON.stringify(message)));
    Object.assign(this.data, changes);
    for (const name in changes) for (const call of this.calls[`change:${name}`] ?? []) call();
  }
}
window.model = new Model(JSON.parse(await serve("null")));
widget.render({ model, el: document.getElementById("a") });
window.ready = true;
</script></html>"""


@dataclass
class Server:
    """Answer a page's messages as the panel does."""

    choice: Choice
    language: str = "en"
    marks: dict[str, dict[str, str]] = field(default_factory=dict)
    received: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, message: str) -> str:
        words, sent = Words(self.language), json.loads(message)
        request = read_request(sent)
        if request is not None:
            self.received.append(sent)
            new, self.marks = apply_action(words, self.choice, request, self.marks)
            self.choice = new or self.choice
        shown = payload(words, self.choice, self.marks)
        return json.dumps({"payload": shown, "words": list_words(words)})


@pytest.fixture
def open_list(site: tuple[Path, str], open_page):
    """Return a function that opens a page with the policy list."""

    def go(server: Server, width: int = 640):
        folder, address = site
        for name in ("screen", "policies"):
            shutil.copy(WIDGETS.parent / f"styles/{name}.css", folder)
        (folder / "policies.js").write_text(str(PolicyList._esm), encoding="utf-8")
        (folder / "blank.html").write_text("<link rel=icon href='data:,'>", encoding="utf-8")
        (folder / "index.html").write_text(PAGE, encoding="utf-8")
        page = open_page(f"{address}/blank.html", width, 900, fresh=True)
        page.expose_function("serve", server)  # A page keeps this function.
        page.goto(f"{address}/index.html")
        page.wait_for_function("window.ready")
        return page

    return go


def row(page, name: str):
    return page.locator(f".tb-policy[data-id={name}]")


PAIR = Choice(a=("cameras_and_sensors:100M",), b=(), days=1003)


def test_a_search_finds_plain_names_and_the_filters_count(open_list):
    page = open_list(Server(PAIR))
    chips = page.locator(".tb-policy-chips button")
    instruments = len(registry()) - 2  # Both baselines are excluded; one of them is in the list.
    search = page.get_by_label("Search the instruments").get_attribute("placeholder")
    assert search.startswith(f"Search {instruments} instruments and a baseline")
    assert chips.first.inner_text() == f"All {instruments + 1}"
    assert "In use 1" in chips.nth(1).inner_text()
    assert chips.count() == 7
    for typed, name in (("walls", "fence"), ("mérida", "merida_initiative"), ("Chiapas", None)):
        page.get_by_label("Search the instruments").fill(typed)
        assert row(page, name or "southern_border_control").is_visible()
    assert not row(page, "fence").is_visible()
    page.get_by_label("Search the instruments").fill("zebra")
    assert page.get_by_text("No instrument matches").is_visible()
    page.get_by_label("Search the instruments").fill("")
    chips.nth(1).click()
    assert page.locator(".tb-policy:visible").count() == 1


def test_details_have_labels_units_and_marks_and_stay_open(open_list):
    server = Server(PAIR)
    page = open_list(server)
    page.locator(".tb-own summary").click()
    assert page.get_by_label("Towers built at dose 1").input_value() == "150"
    assert page.locator(".tb-assumed").first.inner_text() == "assumed"
    field_ = page.get_by_label("Line that a single tower covers")
    field_.fill("99")
    field_.press("Tab")
    page.get_by_text("Give a number from 0.5 to 20 (miles/tower)").wait_for()
    assert server.choice == PAIR
    field_.fill("4")
    field_.press("Enter")
    until(page, lambda: "watch=4" in server.choice.a[0])
    page.get_by_text("9 numbers, 1 changed").wait_for()
    assert page.locator(".tb-own[open]").count() == 1
    page.get_by_role("button", name="Back to the model").click()
    until(page, lambda: "watch" not in server.choice.a[0])


def test_a_click_on_a_button_next_to_a_changed_field_is_not_lost(open_list):
    """The answer to the field arrives between press and release of the button."""
    server = Server(PAIR)
    page = open_list(server)
    row(page, "cameras_and_sensors").locator(".tb-amount input").fill("120")
    box = row(page, "cameras_and_sensors").locator(".tb-add").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    until(page, lambda: server.choice.a == ("cameras_and_sensors:120M",))
    page.wait_for_timeout(200)
    page.mouse.up()
    until(page, lambda: server.choice.b == ("cameras_and_sensors",))


def test_a_text_that_is_being_typed_survives_an_answer(open_list):
    server = Server(PAIR)
    page = open_list(server)
    amount = row(page, "cameras_and_sensors").locator(".tb-amount input")
    amount.click()
    amount.press("End")
    page.keyboard.type("77")
    page.evaluate(
        "model.send({ do: 'dates', world: 0, at: 0, id: 'cameras_and_sensors',"
        " value: { start: '2013-05-01' } })"
    )
    until(page, lambda: "2013-05-01" in server.choice.a[0])
    page.wait_for_function("document.querySelector('[data-key=\"0:0:start\"]').value !== ''")
    assert amount.input_value() == "10077"
    page.keyboard.press("Enter")
    page.get_by_text("This instrument can take at most").or_(
        page.get_by_text("$10,077.0M")
    ).first.wait_for()
