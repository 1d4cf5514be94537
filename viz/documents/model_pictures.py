"""Draw pictures of the model: the steps of a day, a person's path, and payments.

The pictures are generated from the declared steps, the code that changes statuses, and the
accounts. `tests/docs/test_generated_pages.py` fails if a stored picture is out of date.
"""

import inspect
import re

from abm.schedule import DAY
from agents.outcomes import ON_THE_WAY, Account, Status
from agents.plain.migrant import MigrantAgent
from viz.figures.markup import el, svg, text, wrap
from viz.figures.palette import GRID, INK, LAND, MUTED

_WIDTH, _BOX, _HIGH, _ROW, _COLUMNS = 400, 98, 32, 52, (26, 163, 300)
CANDIDATE = "candidate"
#: Position of each status in the picture. "/" separates rows, and "|" separates columns.
PATH = """applied||admitted/refused|asylum Mexico/candidate|travelling|released/
deferred|waits in Mexico|settled/stayed|kidnapped|went home/|held Mexico/
dead||held U.S./gave up|returned"""
ACCOUNTS = """Mexico treasury|programmes|U.S. treasury//households|migrants|officials//
|organisations|criminal groups//drug buyers|drug organisations|suppliers"""
#: Payees of each payer. `tests/docs/test_model_pictures.py` compares them with a run.
PAYMENTS = """households: migrants, organisations, drug organisations, programmes
migrants: households, organisations, suppliers, criminal groups, officials, U.S. treasury
organisations: households, suppliers, criminal groups, officials, U.S. treasury
drug organisations: households, suppliers, U.S. treasury
criminal groups: drug organisations\ndrug buyers: drug organisations
U.S. treasury: programmes\nMexico treasury: programmes
programmes: U.S. treasury, Mexico treasury"""


def label(code: Status | Account) -> str:
    """Return the name of a status or account in words, such as "held U.S."."""
    words = {"us": "U.S.", "mexico": "Mexico"}
    return " ".join(words.get(word, word) for word in code.name.lower().split("_"))


def day_svg() -> str:
    """Draw the steps of a day, each with its description, as SVG."""
    parts, y = list[str](), 8.0
    for number, step in enumerate(DAY, 1):
        rows = wrap(step.__doc__ or "", _WIDTH, 11.0, 3)
        if number < len(DAY):
            parts.append(el("path", d=f"M16,{y + 22}V{y + 32 + 14 * len(rows)}", stroke=MUTED))
        parts.append(el("circle", cx=16, cy=y + 12, r=10, fill=INK))
        parts.append(text(16, y + 16, number, 11, fill="#fff", text_anchor="middle"))
        parts.append(text(36, y + 16, step.__name__.replace("_", " "), 14, font_weight=600))
        parts += [text(36, y + 32 + 14 * i, row, 11, fill=MUTED) for i, row in enumerate(rows)]
        y += 30 + 14 * len(rows)
    return svg(_WIDTH, y, "A day of the model", "Its steps in their order.", *parts)


def changes() -> list[tuple[str, str]]:
    """Return all pairs of an old and a new status, read from the plain engine's source."""
    cases = [(CANDIDATE, "become_candidate")]
    cases_of = r"case (.+):\n\s+self\.(\w+)\("
    for names, method in re.findall(cases_of, inspect.getsource(MigrantAgent.act)):
        cases += [(label(Status[n]), method) for n in re.findall(r"Status\.(\w+)", names)]
    links = [(CANDIDATE, label(Status.STAYED))]  # No code sets this status: it needs no row.
    for name, method in cases:
        links += [(name, label(code)) for code in sorted(_reached(method, set()))]
    return [link for link in links if link[0] != link[1]]


def _reached(method: str, seen: set[str]) -> set[Status]:
    """Return the statuses that a method can set, up to the start of a trip.

    `seen` collects the names of the methods that are already searched.
    """
    seen.add(method)
    code = inspect.getsource(getattr(MigrantAgent, method))
    moves = re.findall(r"self\.(?:wait|finish|move_to_status)\(\s*Status\.(\w+)", code)
    reached = {Status[name] for name in moves}
    if Status.TRAVELLING not in reached:
        for name in set(re.findall(r"self\.(\w+)\(", code)) - seen:
            reached |= _reached(name, seen)
    return reached


def path_svg() -> str:
    """Draw all statuses of a person and all changes between them as SVG."""
    return _graph(PATH, changes(), {CANDIDATE, *map(label, ON_THE_WAY)}, "A person's path")


def payments() -> list[tuple[str, str]]:
    """Return all pairs of a payer and a payee."""
    lines = (line.split(": ") for line in PAYMENTS.splitlines())
    return [(payer, payee) for payer, payees in lines for payee in payees.split(", ")]


def money_svg() -> str:
    """Draw all accounts and the payments between them as SVG."""
    return _graph(ACCOUNTS, payments(), set(map(label, Account)), "Payments between accounts")


def _graph(table: str, links: list[tuple[str, str]], thick: set[str], title: str) -> str:
    """Draw the boxes of `table` with one arrow per link. Boxes in `thick` have a dark edge."""
    rows = [row.split("|") for row in table.replace("\n", "").split("/")]
    places = {name: (c, r) for r, row in enumerate(rows) for c, name in enumerate(row) if name}
    tip = el("path", d="M0,0L8,4L0,8z", fill=MUTED)
    size = {"refX": 7, "refY": 4, "markerWidth": 8, "markerHeight": 8, "orient": "auto"}
    parts = [el("marker", tip, id="tip", markerUnits="userSpaceOnUse", **size)]
    look = {"fill": "none", "stroke": MUTED, "marker_end": "url(#tip)"}
    parts += [el("path", d=_arrow(*places[a], *places[b]), **look) for a, b in links]
    for name, (column, row) in places.items():
        x, y, fill, edge = _COLUMNS[column], 6 + row * _ROW, GRID, GRID
        if name in thick:
            fill, edge = LAND, INK
        parts.append(el("rect", x=x, y=y, width=_BOX, height=_HIGH, rx=5, fill=fill, stroke=edge))
        parts.append(text(x + _BOX / 2, y + 20, name, 10, text_anchor="middle"))
    return svg(_WIDTH, _ROW * len(rows) - 8, title, "Boxes with arrows.", *parts)


def _arrow(a: int, i: int, b: int, j: int) -> str:
    """Return the SVG path from the box in column a and row i to the box in column b and row j."""
    spread = max(-11, min(11, 4 * (j - i)))  # Separate the lines that start at the same box.
    y, v = (22 + row * _ROW for row in (i, j))
    down, right = 1 if j > i else -1, b > a
    if a != b:
        # The lines in both directions between neighbours would coincide.
        shift = 0 if i != j or abs(b - a) > 1 else -4 if right else 4
        x, u = _COLUMNS[a] + _BOX * right, _COLUMNS[b] + _BOX * (not right)
        bulge, y, v = (x + u) / 2, y + shift, v + shift
    elif abs(j - i) == 1:
        return f"M{_COLUMNS[a] + _BOX / 2},{y + down * 16}V{v - down * 16}"
    else:
        side = 1 if down > 0 and a else -1
        x = u = _COLUMNS[a] + _BOX * (side > 0)
        bulge = x + side * (12 + 6 * abs(j - i))
    return f"M{x},{y + spread}C{bulge},{y + spread} {bulge},{v - spread} {u},{v - spread}"
