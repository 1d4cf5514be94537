"""Join the scripts of a widget, which import one another, into the one text that is sent."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import (?:\* as )?(\{[^}]*\}|\w+) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:function|const) (\w+)", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)


def bundle(name: str) -> str:
    """Return a module (its name without ``.js``) and all that it imports as one module.

    An imported file becomes a function that is called once and returns the exports of the file, so
    that files do not share names. Supported are only the forms that the scripts here use:
    ``import {...}`` and ``import * as``, exported functions and constants.
    """
    files: dict[str, str] = {}
    _collect(name, files)
    main = files.pop(name)
    return "\n".join([*(_wrap(file, text) for file, text in files.items()), _body(main)])


def _collect(name: str, files: dict[str, str]) -> None:
    """Add a file after the files that it imports."""
    if name in files:
        return
    text = (HERE / f"{name}.js").read_text(encoding="utf-8")
    for _, file in _IMPORT.findall(text):
        _collect(file, files)
    files[name] = text


def _wrap(name: str, text: str) -> str:
    """Return a file as a constant that holds its exports."""
    exports = ", ".join(_EXPORTED.findall(text))
    return f"const ${name} = (() => {{\n{_body(text)}\nreturn {{ {exports} }};\n}})();\n"


def _body(text: str) -> str:
    """Return the text of a file with its imports taken from those constants."""
    return _EXPORT.sub("", _IMPORT.sub(r"const \1 = $\2;", text))
