"""Join the scripts of a widget, which import one another, into one text for the browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

from viz.figures.palette import PALETTE, css_variables

WIDGETS = Path(__file__).parent
_IMPORT = re.compile(r'^import (\{[^}]*\}|\w+) from "((?:\.|\.\./\w+)/(\w+)\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:default \{ \w+ \};)?", re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:function|const|async function|default \{) (\w+)", re.MULTILINE)
#: Comments, which the browser does not need. `_SPACE` matches indentation and empty lines.
_COMMENT = re.compile(r"^[ ]*(?://[^\n]*|/\*\*[\s\S]*?\*/)\n", re.MULTILINE)
_SPACE = re.compile(r"^[ \n]+|[ ]+// [^\n\"`]*$", re.MULTILINE)


def bundle(name: str) -> str:
    """Join a module and its imports into one module, after the constant ``PALETTE``.

    An imported file becomes a function that is called once and returns its exports. Only the syntax
    of the scripts here is supported: imports of ``{...}`` and of a default, exports of functions,
    single constants and ``{ render }``, and strings within one line.

    Args:
        name: path of the module from this folder, without ``.js``.
    """
    files: dict[str, str] = {}
    _collect(WIDGETS / f"{name}.js", files)
    parts = [f"const PALETTE = {json.dumps(PALETTE, separators=(',', ':'))};"]
    for file, text in files.items():
        body = _IMPORT.sub(r"const \1 = $\3;", text)
        if file != Path(name).name:
            exports = ", ".join(_EXPORTED.findall(text))
            body = f"{_EXPORT.sub('', body)}return {{ {exports} }};"
            body = f"const ${file} = (() => {{\n{body}\n}})();"
        parts.append(body)
    return "\n".join(parts)


def style_sheet(name: str) -> str:
    """Return a style sheet in this folder, after the colours as CSS variables."""
    return css_variables() + (WIDGETS / f"{name}.css").read_text(encoding="utf-8")


def _collect(file: Path, files: dict[str, str]) -> None:
    """Add the files that a file imports, then its text without comments and indentation."""
    text = _SPACE.sub("", _COMMENT.sub("", file.read_text(encoding="utf-8")))
    for _, path, name in _IMPORT.findall(text):
        if name not in files:
            _collect(file.parent / path, files)
    files[file.stem] = text
