"""Join the scripts of a widget, which import one another, into the single text that is sent."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from viz.figures.palette import PALETTE, css_variables

HERE = Path(__file__).parent
_IMPORT = re.compile(
    r'^import (?:\* as )?(\{[^}]*\}|\w+) from "((?:\.|\.\./\w+)/(\w+)\.js)";$', re.MULTILINE
)
_EXPORT = re.compile(r"^export (?:default \{ (\w+) \};)?", re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:function|const|default \{) (\w+)", re.MULTILINE)
#: Outermost declarations of a source, and the names in them.
_FUNCTION = re.compile(r"^(?:export )?(?:async )?function\*? (\w+)", re.MULTILINE)
_CONSTANT = re.compile(r"^(?:export )?(?:const|let) (.+)", re.MULTILINE)
_DECLARED, _DESTRUCTURED = re.compile(r"(?:^|, )(\w+) = "), re.compile(r"\w+(?=[^=]* = )")
#: Comments, indentation and empty lines; the browser does not need them.
_COMMENT = re.compile(r"^[ ]*(?://[^\n]*|/\*\*[\s\S]*?\*/)\n", re.MULTILINE)
_SPACE = re.compile(r"^[ \n]+|[ ]+// [^\n\"`]*$", re.MULTILINE)


@dataclass(frozen=True)
class _Script:
    """A file of a bundle.

    Attributes:
        text: its text without comments and indentation.
        names: its outermost names.
        imports: the files that it imports.
    """

    text: str
    names: frozenset[str]
    imports: frozenset[str]

    @property
    def exports(self) -> list[str]:
        """Return the exported names."""
        return _EXPORTED.findall(self.text)


def bundle(name: str) -> str:
    """Join a module (its path from this folder, without ``.js``) and its imports into one module.

    It begins with the constant ``PALETTE``, the content of `viz/figures/palette.json`.
    Files are joined unchanged, so no lists of imports are needed. A file that shares a name with
    another file becomes a function that is called once and returns its exports, and so do the files
    that import it. Only the forms that the scripts here use are supported: imports of ``{...}``,
    ``* as`` and a default, exports of functions, constants and ``{ render }``, one-line strings.
    """
    files: dict[str, _Script] = {}
    _collect(HERE / f"{name}.js", files)
    *imported, main = files
    apart = _apart(files, imported)
    spaces: set[str] = set()
    parts = [_part(one, files, apart, spaces) for one in imported]
    palette = f"const PALETTE = {json.dumps(PALETTE, separators=(',', ':'))};"
    return "\n".join([palette, *parts, _with_imports(files[main].text, files, apart, spaces)])


def style_sheet(name: str) -> str:
    """Return a style sheet of this folder after the variables of the palette."""
    return css_variables() + (HERE / f"{name}.css").read_text(encoding="utf-8")


def _apart(files: dict[str, _Script], imported: list[str]) -> set[str]:
    """Return the imported files that share a name with another file, or import one of them."""
    count = Counter(name for script in files.values() for name in script.names)
    apart: set[str] = set()
    for name in imported:  # a file comes after the files that it imports
        shares = any(count[one] > 1 for one in files[name].names)
        if shares or apart & files[name].imports:
            apart.add(name)
    return apart


def _collect(file: Path, files: dict[str, _Script]) -> None:
    """Add a file after the files that it imports."""
    source = file.read_text(encoding="utf-8")
    text = _SPACE.sub("", _COMMENT.sub("", source))
    imports = _IMPORT.findall(text)
    for _, path, name in imports:
        if name not in files:
            _collect(file.parent / path, files)
    names = frozenset(name for *_, name in imports)
    files[file.stem] = _Script(text, _outermost(source), names)


def _outermost(source: str) -> frozenset[str]:
    """Return the outermost names of a file, and names that look like them."""
    names = set(_FUNCTION.findall(source))
    for line in _CONSTANT.findall(source):
        names.update(_DESTRUCTURED.findall(line) if line[0] in "[{" else _DECLARED.findall(line))
    return frozenset(names)


def _part(name: str, files: dict[str, _Script], apart: set[str], spaces: set[str]) -> str:
    """Return a file without imports and exports; one that is kept apart is a constant."""
    script = files[name]
    if name not in apart:
        return _EXPORT.sub("", _with_imports(script.text, files, apart, spaces))
    body, exports = _with_imports(script.text, files, apart, set()), ", ".join(script.exports)
    body = _EXPORT.sub("", body)
    return f"const ${name} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();\n"


def _with_imports(text: str, files: dict[str, _Script], apart: set[str], spaces: set[str]) -> str:
    """Replace the imports of a file.

    Args:
        text: the text of the file.
        files: all files of the bundle.
        apart: files that are constants.
        spaces: names that stand for all exports of a file, and that are declared already; changed.
    """

    def replace(found: re.Match[str]) -> str:
        what, _, name = found.groups()
        if name in apart:
            return f"const {what} = ${name};"
        if what[0] == "{" or what in spaces:
            return ""
        spaces.add(what)
        return f"const {what} = {{ {', '.join(files[name].exports)} }};"

    return _IMPORT.sub(replace, text)
