"""Pages with single widgets and a simulated server, for tests in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from viz.screen.widgets.script import bundle, style_sheet

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Widgets</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css"><style>body { margin: 0; padding: 12px } HEAD</style>
BODY<script type="module">
IMPORTS
class Model {
  constructor(data) { this.data = data; this.calls = {}; this.sent = []; }
  get(name) { return this.data[name]; }
  set(name, value) { this.data[name] = value; this.sent.push([name, value]); }
  save_changes() {}
  on(event, call) { (this.calls[event] ??= []).push(call); }
  off(event, call) { this.calls[event] = this.calls[event].filter((other) => other !== call); }
  put(changes) {
    Object.assign(this.data, changes);
    for (const name in changes) for (const call of this.calls[`change:${name}`] ?? []) call();
  }
}
window.settled = async () => {
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
};
const film = await (await fetch("film.bin")).arrayBuffer();
const EMPTY = new DataView(new ArrayBuffer(0));
const traits = TRAITS;
PREPARE
window.models = {}, window.maps = {}, window.leave = {};
for (const [name, kind] of Object.entries(kinds)) {
  const el = document.getElementById(name), model = (models[name] = new Model(traits[name]));
  leave[name] = kind.render({ model, el });
  maps[name] = el.tbMap;
}
[window.model, window.map] = [models.a, maps.a];
await settled();
window.ready = true;
</script></html>"""

Open = Callable[..., Any]


@pytest.fixture
def open_widgets(site: tuple[Path, str], open_page: Open) -> Open:
    """Return a function that opens a page with widgets.

    Its arguments are traits by the id of an element, and the name of each script.
    """

    def go(
        kinds: dict[str, str],
        traits: dict[str, dict[str, Any]],
        width: int = 824,
        *,
        sheet: str = "widgets",
        head: str = "",
        film: bytes = b"",
        prepare: str = "",
    ) -> Any:
        folder, address = site
        for script in set(kinds.values()):
            (folder / f"{script}.js").write_text(bundle(script), encoding="utf-8")
        (folder / "style.css").write_text(style_sheet(sheet), encoding="utf-8")
        (folder / "film.bin").write_bytes(film)
        imports = [f'import {name} from "./{script}.js";' for name, script in kinds.items()]
        parts = {
            "HEAD": head,
            "BODY": "".join(f'<div id="{name}"></div>' for name in kinds),
            "IMPORTS": "\n".join([*imports, f"const kinds = {{ {', '.join(kinds)} }};"]),
            "TRAITS": json.dumps(traits),
            "PREPARE": prepare,
        }
        text = _PAGE
        for name, part in parts.items():
            text = text.replace(name, part, 1)
        (folder / "index.html").write_text(text, encoding="utf-8")
        page = open_page(f"{address}/index.html", width, 800)
        page.wait_for_function("window.ready")
        return page

    return go
