"""Scripts that are joined from several files run in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from viz.screen.widgets import script
from viz.screen.widgets.script import bundle

#: Import a text as a module and return the name of its error; null without one.
IMPORT = """text => import(URL.createObjectURL(new Blob([text], {type: "text/javascript"})))
  .then(() => null, error => error.name)"""


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    page = browser.new_page()
    yield page
    page.close()


def test_files_of_a_bundle_may_share_names_and_use_what_they_import(
    page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A shared name separates a file and all files that import it from the others."""
    scripts = {
        "base": "export const SIZE = 2;\nexport function twice(x) {\n  return SIZE * x;\n}\n",
        "other": 'import { twice } from "./base.js";\n\nconst SIZE = 5;\n\n'
        "export function ten() {\n  return twice(SIZE);\n}\n",
        "space": "export const one = 1;\nexport const two = 2;\n",
        "main": 'import { twice } from "./base.js";\nimport { ten } from "./other.js";\n'
        'import * as space from "./space.js";\n\nexport default { render };\n\n'
        "function render() {\n  return [twice(3), ten(), space.one + space.two];\n}\n",
    }
    for name, text in scripts.items():
        (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
    monkeypatch.setattr(script, "HERE", tmp_path)
    text = bundle("main").replace("export default { render };", "")
    assert page.evaluate(f"() => {{ {text}; return render(); }}") == [6, 10, 3]


@pytest.mark.parametrize("name", ["flowmap", "differencemap", "../exports/replay"])
def test_no_name_of_a_bundle_is_declared_twice(page: Any, name: str):
    text = bundle(name)
    assert page.evaluate(IMPORT, text) != "SyntaxError"
    assert page.evaluate(IMPORT, f"{text}\nconst twice = 1;\nconst twice = 2;") == "SyntaxError"
