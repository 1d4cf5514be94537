"""Configure the documentation site.

`uv run --group docs sphinx-build -W --keep-going -n docs out/site` builds it.

The pages are Markdown that also reads well in a repository browser. The build adds the parts that
only the site needs: a table of contents from the links of each `index.md`, files of the main
folder, and links to the glossary with its definitions. With `TWOBORDERS_INTERNALS` in the
environment it also documents the modules that a page of `internals` names in a comment, outside the
navigation and the search. The site loads nothing from another server, which is checked at the end
of each build.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OWN = ("agents", "abm", "experiments", "viz", "twoborders")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = html_title = "Two Borders"
author = PROJECT["authors"][0]["name"]
copyright = f"{author}. Model output within stated priors, not a forecast"
release = version = PROJECT["version"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["examples", "paper", "**/.ipynb_checkpoints"]
exclude_patterns.append("background/causal_loops.md")  # `background/odd.md` includes this file.
if not os.environ.get("TWOBORDERS_INTERNALS"):
    exclude_patterns.append("internals")
default_role = "literal"  # Docstrings write `name` for names.
smartquotes = False  # Otherwise, "--" before an option becomes a dash.

myst_heading_anchors = 4
nb_execution_mode = os.environ.get("TWOBORDERS_NOTEBOOKS", "off")  # "force" runs the lessons
nb_execution_timeout = 3600
nb_execution_raise_on_error = True
nb_ipywidgets_js: dict[str, Any] = {}  # The default scripts come from another server.

autodoc_default_options = {"members": True, "ignore-module-all": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
add_module_names = False
python_use_unqualified_type_names = True
maximum_signature_line_length = 88
napoleon_numpy_docstring = False
nitpick_ignore_regex = [(r"py:.*", r".*")]  # The types of other packages are documented elsewhere.

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_search_scorer = str(ROOT / "docs" / "search_scorer.js")
html_css_files = ["site.css"]
html_favicon = "_static/logo.svg"
html_copy_source = html_show_sourcelink = html_show_sphinx = False
html_use_index = html_domain_indices = False
html_sidebars = dict.fromkeys(
    ("index", "first_finding", "example_results", "glossary", "contributing"), ()
)
html_theme_options = {
    "logo": {"image_light": "_static/logo.svg", "image_dark": "_static/logo.svg", "text": project},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 7,
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "show_toc_level": 2,
}

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([\w./-]+)\.(?:md|ipynb)\)")
_ENTRY = re.compile(r"(decisions/|\.\./notebooks/)?[\w-]+|\w+/index")  # pages below an index
_MODULES = re.compile(r"<!-- modules: ([\w. ]+) -->")
_OBJECTS = re.compile(r"<!-- objects: ([\w. ]+) -->")  # objects of the package `twoborders`
_FILE = re.compile(r"<!-- file: (\w+)\.md -->")  # a page that shows a file of the main folder
_LOADED = re.compile(
    r"""<(?:script|img|link|iframe|source)\b[^>]*?(?:src|href)=["']?((?:https?:)?//[^"' >]+)"""
    r"""|(?:url\(|@import)\s*["']?((?:https?:)?//[^"') ]+)"""
)
_LINK_OUT = re.compile(r"\]\(\.\./((?:\.\./)*)SECURITY\.md")
_DOWNLOAD = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+(?:CHANGELOG|CONTRIBUTING)\.md)(?:#[\w-]+)?\)")
_TERM = re.compile(r"^- \*\*(.+?)\*\*: ((?:.|\n )+)", re.MULTILINE)
#: Terms that are also common words are linked only after an article or a number.
_COMMON = ("arm", "draw", "line", "member", "prior", "scale", "seed", "side", "surrender")
_ARTICLE = r"(?:(?<=\ba )|(?<=\ban )|(?<=\bthe )|(?<=\beach )|(?<=\bevery )|(?<=\bper )|(?<=\d ))"


def entries(text: str) -> list[str]:
    """Return the pages below an index page in the order of its links."""
    return list(dict.fromkeys(link for link in _LINK.findall(text) if _ENTRY.fullmatch(link)))


def modules(package: str) -> list[str]:
    """Return the modules directly in a package in alphabetical order."""
    spec = find_spec(package)
    paths = spec.submodule_search_locations if spec else None
    submodules = iter_modules(paths or [])
    names = sorted(m.name for m in submodules if not m.ispkg and not m.name.startswith("_"))
    return [f"{package}.{name}" for name in names]


def sections(packages: str) -> str:
    """Return documentation with one heading per package and per module."""
    parts = []
    for package in packages.split():
        parts.append(f"## `{package}`\n\n{_automodule(package, 'no-members')}")
        for name in modules(package):
            heading = name.removeprefix(f"{package}.")
            parts.append(f"### `{heading}`\n\n{_automodule(name, 'members')}")
    return "\n\n".join(parts)


def objects(names: str) -> str:
    """Return the documentation of public objects, with their listed members only."""
    lines = ["```{eval-rst}"]
    for name in names.split():
        target: Any = import_module("twoborders")
        if name.startswith("results."):
            import_module("twoborders.results")
        owner = None
        for part in name.split("."):
            owner, target = target, getattr(target, part)
        kind = "module" if isinstance(target, ModuleType) else "data"
        if isinstance(target, type):
            kind = "class"
        elif isinstance(owner, type):
            kind = "method" if callable(target) else "property"
        elif callable(target):
            kind = "function"
        lines += [f".. auto{kind}:: twoborders.{name}", "   :no-members:" * (kind == "class"), ""]
    return "\n".join([*lines, "```", ""])


def _automodule(name: str, option: str) -> str:
    """Return the directive that documents a module."""
    return f"```{{eval-rst}}\n.. automodule:: {name}\n   :{option}:\n   :no-index:\n```"


def file_text(name: str) -> str:
    """Return a file of the main folder with its links rewritten for a page in `docs`."""
    text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
    return re.sub(r"\]\((?!\w+:|#)", "](../", text).replace("](../docs/", "](")


def complete(app: Any, name: str, source: list[str]) -> None:
    """Add to a page the parts that only the site needs, and link to pages of the site."""
    source[0] = _FILE.sub(lambda match: "#" + file_text(match[1]), source[0])
    source[0] = _MODULES.sub(lambda match: sections(match[1]), source[0])
    source[0] = _OBJECTS.sub(lambda match: objects(match[1]), source[0])
    source[0] = _LINK_OUT.sub(lambda m: f"]({m[1]}contributing.md", source[0])
    source[0] = _DOWNLOAD.sub(r"{download}`\1 <\2>`", source[0])
    if name.rpartition("/")[2] == "index":
        source[0] += "\n\n```{toctree}\n:hidden:\n\n" + "\n".join(entries(source[0])) + "\n```\n"


def definitions() -> dict[str, str]:
    """Return the definitions of the glossary as plain text, by term."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return {term: " ".join(re.sub(r"[*`]", "", says).split()) for term, says in _TERM.findall(text)}


def term_id(term: str) -> str:
    """Return the anchor of a term in the glossary."""
    return f"term-{term.lower().replace(' ', '-')}"


def term_pattern(term: str) -> re.Pattern[str]:
    """Return the pattern that finds a term in the singular or plural."""
    word = f"[{term[0]}{term[0].lower()}]{term[1:]}"
    word = f"{word[:-1]}(?:y|ies)" if word.endswith("y") else f"{word}(?:e?s)?"
    return re.compile(
        (_ARTICLE if term.lower() in _COMMON else r"(?<![\w-])") + word + r"(?![\w-])"
    )


def link_terms(app: Any, doctree: Any, name: str) -> None:
    """Link the first occurrence of each term on a page to the glossary, with its definition."""
    from docutils import nodes
    from sphinx.addnodes import index

    if name == "glossary":
        for item in list(doctree.findall(nodes.list_item)):
            term = next(item.findall(nodes.strong)).astext()
            item["ids"].append(term_id(term))
            # The search lists definitions first. A plural entry also matches the singular.
            item += index(entries=[("single", f"{term}s", term_id(term), "main", None)])
        return
    left = {term: term_pattern(term) for term in definitions()}
    page = app.builder.get_relative_uri(name, "glossary")
    for text in list(doctree.findall(nodes.Text)):
        if not isinstance(text.parent, nodes.paragraph):
            continue
        hits = [(m, term) for term, pattern in left.items() if (m := pattern.search(text))]
        parts, end = [], 0
        for match, term in sorted(hits, key=lambda hit: hit[0].start()):
            if match.start() >= end:
                link = {"refuri": f"{page}#{term_id(term)}", "reftitle": definitions()[term]}
                node = nodes.reference("", match[0], internal=True, classes=["term"], **link)
                parts += [nodes.Text(text[end : match.start()]), node]
                end = match.end()
                del left[term]
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def is_foreign(
    app: Any, obj_type: str, name: str, member: Any, skip: bool, options: Any
) -> bool | None:
    """Skip members that another package adds, and fields that the docstring describes."""
    origin = getattr(member, "__module__", None) or "abm"
    is_field = (getattr(member, "__doc__", None) or "").startswith("Alias for field")
    return True if is_field or origin.partition(".")[0] not in OWN else None


def short_default(
    app: Any,
    obj_type: str,
    name: str,
    obj: Any,
    options: Any,
    signature: str | None,
    result: str | None,
) -> tuple[str | None, str | None]:
    """Write defaults that each instance creates as `...`, because `<factory>` is not Python."""
    return signature and signature.replace("<factory>", "..."), result


def hide_colon(
    app: Any, obj_type: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Hide colons in sentences from napoleon, which takes the words before a colon as a type."""
    hidden = obj_type in ("attribute", "data", "property")
    for i, line in enumerate(lines):
        if line.strip() in ("Returns:", "Yields:"):
            hidden = True
        elif hidden:
            lines[i] = line.replace(":", "\0")
            hidden = bool(line.strip()) or obj_type in ("attribute", "data", "property")


def show_colon(
    app: Any, obj_type: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Restore the hidden colons."""
    lines[:] = [line.replace("\0", ":") for line in lines]


def tidy(app: Any, doctree: Any) -> None:
    """Write a dash after the name of an argument, and leave out the base class `object`."""
    from docutils import nodes

    for paragraph in list(doctree.findall(nodes.paragraph)):
        if paragraph.astext() == "Bases: object":
            paragraph.parent.remove(paragraph)
        for text in paragraph.findall(nodes.Text):
            if text == " -- ":
                text.parent.replace(text, nodes.Text(" – "))


def outside(text: str) -> list[str]:
    """Return the addresses on other servers from which a page or a style sheet loads something."""
    return [match[0] or match[1] for match in _LOADED.findall(text)]


def check_offline(app: Any, exception: Exception | None) -> None:
    """Raise an error if a built page loads something from another server."""
    files = [f for kind in ("html", "css") for f in Path(app.outdir).rglob(f"*.{kind}")]
    loaded = {f.name: out for f in files if (out := outside(f.read_text(encoding="utf-8")))}
    if loaded and not exception:
        raise RuntimeError(f"the site loads files from other servers: {loaded}")


def qualify_mode(
    app: Any, obj_type: str, name: str, obj: Any, options: Any, signature: str, returns: str
) -> tuple[str, str] | None:
    """Add the module to `Mode` in a signature, because legs and journeys have such a class."""
    if name != "agents.plain.choices.Way":
        return None
    return signature.replace("mode: Mode", "mode: agents.outcomes.Mode"), returns


def setup(app: Any) -> dict[str, bool]:
    """Prepare the import of the packages and connect the hooks."""
    app.connect("autodoc-process-signature", qualify_mode)
    sys.path.insert(0, str(ROOT))
    jit: Any = import_module("agents.jit")
    for decorator in ("kernel", "shared", "inlined"):
        # autodoc documents compiled functions as plain functions.
        setattr(jit, decorator, lambda function, **_: jit.uncompiled(function))
    app.connect("source-read", complete)
    app.connect("doctree-read", tidy)
    app.connect("doctree-resolved", link_terms)
    app.connect("autodoc-skip-member", is_foreign)
    app.connect("autodoc-process-signature", short_default)
    app.connect("build-finished", check_offline)
    # Before napoleon, which has priority 500.
    app.connect("autodoc-process-docstring", hide_colon, priority=400)
    app.connect("autodoc-process-docstring", show_colon, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
