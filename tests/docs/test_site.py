"""The documentation site, without a build: navigation, modules, commands and links.

`.ci/run` builds the site with warnings as errors.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *DOCS.rglob("*.ipynb")])
#: Packages without documentation of single modules, each with the page that documents it.
ELSEWHERE = {
    "viz.cli": "reference/commands.md",
    "viz.screen": "guides/serve.md",
    "viz.server": "guides/serve.md",
}


def load_conf() -> ModuleType:
    """Return the site's configuration as a module."""
    spec = importlib.util.spec_from_file_location("site_conf", DOCS / "conf.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


conf = load_conf()


def navigation(page: Path) -> list[Path]:
    """Return the pages directly below an index page."""
    found = []
    for entry in conf.entries(page.read_text(encoding="utf-8")):
        paths = [(page.parent / f"{entry}.{kind}").resolve() for kind in ("md", "ipynb")]
        found.append(next(path for path in paths if path.exists()))
    return found


def test_every_page_is_in_the_navigation_once():
    todo, found = [DOCS / "index.md"], []
    while todo:
        page = todo.pop()
        found.append(page)
        if page.name == "index.md":
            todo += navigation(page)
    outside = {"internals", "paper", "background/causal_loops.md"}  # pages outside the navigation
    inside = (p for p in PAGES if p.relative_to(DOCS).parts[0] not in outside)
    assert sorted(found) == [p for p in inside if p.relative_to(DOCS).as_posix() not in outside]


def documented_packages() -> dict[str, Path]:
    """Return the packages whose modules the site documents, each with its page."""
    found: dict[str, Path] = {}
    for page in (DOCS / "internals").glob("*.md"):
        for names in re.findall(r"<!-- modules: (.*) -->", page.read_text(encoding="utf-8")):
            for name in names.split():
                assert name not in found, f"{name} is on two pages"
                found[name] = page
    return found


def test_every_package_is_documented_on_one_page():
    pages = documented_packages()
    for root in conf.OWN:
        for module in walk_packages([str(ROOT / root)], f"{root}."):
            package = module.name.rpartition(".")[0]
            elsewhere = any(f"{package}.".startswith(f"{name}.") for name in ELSEWHERE)
            assert package in pages or elsewhere or package == "viz" or module.ispkg, module.name
    assert all((DOCS / page).exists() for page in ELSEWHERE.values())


def test_links_of_a_file_of_the_main_folder_resolve_on_the_site():
    source = [(DOCS / "contributing.md").read_text(encoding="utf-8")]
    conf.complete(None, "contributing", source)
    links = re.findall(r"\]\(([^)#:]+)[)#]", source[0])
    assert len(links) > 1 and [link for link in links if not (DOCS / link).exists()] == []
