"""Scripts are modules that import one another; a widget is sent as one text."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import (?:\* as )?(\{[^}]*\}|\w+) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:function|const) (\w+)", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)


def bundle(name: str) -> str:
    """The module of this name (without ``.js``) and all it imports, as the text of one module.

    An imported file becomes a function that is called once and gives what the file exports, so
    that names in one file are hidden from the others. Only what our own scripts use is
    understood: ``import {...}`` and ``import * as``, exported functions and constants.
    """
    files: dict[str, str] = {}
    _gather(name, files)
    main = files.pop(name)
    return "\n".join([*(_wrapped(file, text) for file, text in files.items()), _inner(main)])


def _gather(name: str, files: dict[str, str]) -> None:
    """Read a file after the files that it imports."""
    if name in files:
        return
    text = (HERE / f"{name}.js").read_text(encoding="utf-8")
    for _, file in _IMPORT.findall(text):
        _gather(file, files)
    files[name] = text


def _wrapped(name: str, text: str) -> str:
    """A file as a constant that holds its exports."""
    exports = ", ".join(_EXPORTED.findall(text))
    return f"const ${name} = (() => {{\n{_inner(text)}\nreturn {{ {exports} }};\n}})();\n"


def _inner(text: str) -> str:
    """The text of a file with its imports taken from those constants."""
    return _EXPORT.sub("", _IMPORT.sub(r"const \1 = $\2;", text))
