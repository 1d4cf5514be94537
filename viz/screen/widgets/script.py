"""Join the scripts of a widget, which import one another, into the one text that is sent."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
_IMPORT = re.compile(
    r'^import (?:\* as )?(\{[^}]*\}|\w+) from "((?:\.|\.\./\w+)/(\w+)\.js)";$', re.MULTILINE
)
_EXPORT = re.compile(r"^export (?:default \{ (\w+) \};)?", re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:function|const|default \{) (\w+)", re.MULTILINE)
#: Comments, indentation and empty lines; the browser does not need them.
_COMMENT = re.compile(r"^[ ]*(?://[^\n]*|/\*\*[\s\S]*?\*/)\n", re.MULTILINE)
_SPACE = re.compile(r"^[ \n]+|[ ]+// [^\n\"`]*$", re.MULTILINE)


def bundle(name: str) -> str:
    """Join a module (its path from this folder, without ``.js``) and its imports into one module.

    An imported file becomes a function that is called once and returns the exports of the file, so
    that files do not share names. Supported are only the forms that the scripts here use: imports
    of ``{...}``, ``* as`` and a default, exports of functions, constants and ``{ render }``,
    and texts of one line.
    """
    files: dict[str, str] = {}
    _collect(HERE / f"{name}.js", files)
    *imported, (_, main) = files.items()
    return "\n".join([*(_wrap(*file) for file in imported), _with_imports(main)])


def _collect(file: Path, files: dict[str, str]) -> None:
    """Add a file after the files that it imports."""
    text = _SPACE.sub("", _COMMENT.sub("", file.read_text(encoding="utf-8")))
    for _, path, name in _IMPORT.findall(text):
        if name not in files:
            _collect(file.parent / path, files)
    files[file.stem] = text


def _wrap(name: str, text: str) -> str:
    """Return a file as a constant that holds its exports."""
    body, exports = _EXPORT.sub("", _with_imports(text)), ", ".join(_EXPORTED.findall(text))
    return f"const ${name} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();\n"


def _with_imports(text: str) -> str:
    """Take the imports of a file from those constants."""
    return _IMPORT.sub(r"const \1 = $\3;", text)
