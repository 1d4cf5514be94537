"""Pictures of the model on one page: a day, a person's path and money.

They are drawn from the steps of a day, the statuses of a person with the code that changes them,
and the accounts. `tests/docs/test_generated_pages.py` fails if a picture is not current.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator

from abm.schedule import DAY
from agents.outcomes import ON_THE_WAY, Account, Status
from agents.plain.migrant import MigrantAgent
from viz.figures.markup import el, svg, text, wrap
from viz.figures.palette import GRID, INK, LAND, MUTED

Places = dict[str, tuple[int, int]]  # column and row of each box
_WIDTH, _BOX, _HIGH = 400, 90, 32
_COLUMNS, _ROW = (36, 166, 306), 52
_MOVES = ("wait", "finish", "move_to_status")
CANDIDATE = "candidate"
#: Where the picture shows each status: at home, on the way, in the United States.
PATH: Places = {
    **{"applied": (0, 0), "refused": (0, 1), CANDIDATE: (0, 2), "deferred": (0, 3)},
    **{"stayed": (0, 4), "dead": (0, 6), "gave up": (0, 7), "asylum Mexico": (1, 1)},
    **{"travelling": (1, 2), "waits in Mexico": (1, 3), "kidnapped": (1, 4)},
    **{"held Mexico": (1, 5), "returned": (1, 7), "admitted": (2, 0), "released": (2, 2)},
    **{"settled": (2, 3), "went home": (2, 4), "held U.S.": (2, 6)},
}
ACCOUNTS: Places = {
    **{"Mexico treasury": (0, 0), "programmes": (1, 0), "U.S. treasury": (2, 0)},
    **{"households": (0, 2), "migrants": (1, 2), "officials": (2, 2)},
    **{"organisations": (1, 4), "criminal groups": (2, 4)},
    **{"drug buyers": (0, 6), "drug organisations": (1, 6), "suppliers": (2, 6)},
}
#: What each account pays to others, which `test_model_pictures.py` compares with a run.
PAYMENTS = {
    Account.HOUSEHOLDS: "MIGRANTS ORGANISATIONS DRUG_ORGANISATIONS PROGRAMMES",
    Account.MIGRANTS: "HOUSEHOLDS ORGANISATIONS SUPPLIERS CRIMINAL_GROUPS OFFICIALS US_TREASURY",
    Account.ORGANISATIONS: "HOUSEHOLDS SUPPLIERS CRIMINAL_GROUPS OFFICIALS US_TREASURY",
    Account.CRIMINAL_GROUPS: "DRUG_ORGANISATIONS",
    Account.DRUG_BUYERS: "DRUG_ORGANISATIONS",
    Account.DRUG_ORGANISATIONS: "HOUSEHOLDS SUPPLIERS US_TREASURY",
    Account.US_TREASURY: "PROGRAMMES",
    Account.MEXICO_TREASURY: "PROGRAMMES",
    Account.PROGRAMMES: "US_TREASURY MEXICO_TREASURY",
}


def label(code: Status | Account) -> str:
    """Return a code's name as words, such as "held U.S."."""
    words = {"us": "U.S.", "mexico": "Mexico"}
    return " ".join(words.get(word, word) for word in code.name.lower().split("_"))


def day_svg() -> str:
    """Return the picture of a day: every step with what it does."""
    parts, y = list[str](), 8.0
    for number, step in enumerate(DAY, 1):
        rows = wrap(step.__doc__ or "", 400.0, 11.0, 3)
        if number < len(DAY):
            parts.append(el("path", d=f"M16,{y + 22}V{y + 32 + 14 * len(rows)}", stroke=MUTED))
        parts.append(el("circle", cx=16, cy=y + 12, r=10, fill=INK))
        parts.append(text(16, y + 16, number, 11, fill="#fff", text_anchor="middle"))
        parts.append(text(36, y + 16, step.__name__.replace("_", " "), 14, font_weight=600))
        parts += [text(36, y + 32 + 14 * i, row, 11, fill=MUTED) for i, row in enumerate(rows)]
        y += 30 + 14 * len(rows)
    return svg(_WIDTH, y, "A day of the model", "Its steps in their order.", *parts)


def changes() -> dict[str, set[Status]]:
    """Return the statuses that follow each status, from the code of the plain engine."""
    first = set(_statuses(_tree("become_candidate"))) | _next("become_candidate", set())
    followers = {CANDIDATE: first}
    for case in (n for n in ast.walk(_tree("act")) if isinstance(n, ast.match_case)):
        for code in _statuses(case.pattern):
            followers[label(code)] = set().union(*(_next(n, set()) for n, _ in _calls(case))) - {
                code
            }
    return followers


def _tree(method: str) -> ast.AST:
    """Return the syntax tree of a method of a migrant."""
    return ast.parse(textwrap.dedent(inspect.getsource(getattr(MigrantAgent, method))))


def _statuses(tree: ast.AST) -> list[Status]:
    """Return the statuses that code names."""
    names = [n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)]
    return [Status[name] for name in names if name in Status.__members__]


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls of methods of the same migrant, with their names."""
    for n in ast.walk(tree):
        if isinstance(n, ast.Call) and ast.unparse(n.func).startswith("self."):
            yield ast.unparse(n.func).removeprefix("self."), n


def _next(method: str, seen: set[str]) -> set[Status]:
    """Return the statuses that a method can set. A trip that begins ends the search."""
    seen.add(method)
    calls = list(_calls(_tree(method)))
    reached = {code for name, call in calls if name in _MOVES for code in _statuses(call)}
    if Status.TRAVELLING not in reached:
        for name, _ in calls:
            if name not in seen and name not in _MOVES and hasattr(MigrantAgent, name):
                reached |= _next(name, seen)
    return reached


def path_svg() -> str:
    """Return the picture of a person's path: every status, and every change of one."""
    links = [(a, label(b)) for a, codes in changes().items() for b in sorted(codes)]
    thick = {CANDIDATE, *map(label, ON_THE_WAY)}
    return _graph(PATH, links, thick, "A person's path", "Boxes with a dark edge are not ends.")


def money_svg() -> str:
    """Return the picture of money: every account, and who pays whom."""
    links = [(label(a), label(Account[b])) for a, names in PAYMENTS.items() for b in names.split()]
    return _graph(ACCOUNTS, links, set(ACCOUNTS), "Money", "An arrow leads from payer to payee.")


def _graph(
    places: Places, links: Iterable[tuple[str, str]], thick: set[str], title: str, desc: str
) -> str:
    """Return boxes with arrows between them."""
    tip = el("path", d="M0,0L8,4L0,8z", fill=MUTED)
    size: dict[str, object] = {"refX": 7, "refY": 4, "markerWidth": 8, "markerHeight": 8}
    marker = el("marker", tip, id="tip", orient="auto", markerUnits="userSpaceOnUse", **size)
    parts = [el("defs", marker)]
    for start, end in links:
        look: dict[str, object] = {"fill": "none", "stroke": MUTED, "marker_end": "url(#tip)"}
        parts.append(el("path", d=_arrow(places[start], places[end]), **look))
    for name, (column, row) in places.items():
        x, y, edge = _COLUMNS[column], 6 + row * _ROW, INK if name in thick else GRID
        fill = LAND if name in thick else GRID
        parts.append(el("rect", x=x, y=y, width=_BOX, height=_HIGH, rx=5, fill=fill, stroke=edge))
        rows = wrap(name, _BOX + 4.0, 11.5)
        for i, words in enumerate(rows):
            at = y + _HIGH / 2 + 4 + 12.0 * (i - (len(rows) - 1) / 2)
            parts.append(text(x + _BOX / 2, at, words, 11.5, text_anchor="middle"))
    height = 12 + _HIGH + _ROW * max(row for _, row in places.values())
    return svg(_WIDTH, height, title, desc, *parts)


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    """Return the line between two boxes: straight, or an arc around boxes of one column."""
    (a, i), (b, j) = start, end
    spread = max(-11, min(11, 4 * (j - i)))  # lines of a box do not begin in one point
    y, v = 6 + i * _ROW + _HIGH / 2, 6 + j * _ROW + _HIGH / 2
    if a != b:
        right = b > a
        shift = 0 if i != j or abs(b - a) > 1 else -4 if right else 4  # beside the other direction
        x, u = _COLUMNS[a] + _BOX * right, _COLUMNS[b] + _BOX * (not right)
        y, v, mid = y + spread + shift, v - spread + shift, (x + u) / 2
        return f"M{x},{y}C{mid},{y} {mid},{v} {u},{v}"
    down = 1 if j > i else -1
    if abs(j - i) == 1:
        x = _COLUMNS[a] + _BOX / 2
        return f"M{x},{y + down * _HIGH / 2}V{v - down * _HIGH / 2}"
    side = 1 if down > 0 and a else -1
    x = _COLUMNS[a] + _BOX * (side > 0)
    bulge = x + side * (14 + 7 * abs(j - i))
    return f"M{x},{y + spread}C{bulge},{y + spread} {bulge},{v - spread} {x},{v - spread}"
