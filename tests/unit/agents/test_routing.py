"""Route choice, compared with independent dense linear solutions of small graphs."""

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.network_setup import MAX_SPECTRAL_RADIUS, diverging_loop, spectral_radius
from agents.routing import CLOSED, RouteGraph, compute_expectations, solve

#: Error that may remain when a sweep changes values by less than a millionth, in units of noise.
LOOSE = 3e-5


@dataclass
class Maze:
    """A small route graph. The last place is the destination, which no leg leaves."""

    tail: np.ndarray
    head: np.ndarray
    utility: np.ndarray
    mu: float
    places: int

    def __post_init__(self):
        legs = np.argsort(self.tail, kind="stable")
        counts = np.bincount(self.tail, minlength=self.places)
        self.out_leg = legs.astype(np.int16)
        self.out_start = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        self.head = self.head.astype(np.int16)
        for array in (self.out_leg, self.out_start, self.head):
            array.flags.writeable = False

    def weights(self, utility=None):
        """Return the matrix of exp(u / mu) between places."""
        matrix = np.zeros((self.places, self.places))
        u = self.utility if utility is None else utility
        np.add.at(matrix, (self.tail, self.head), np.exp(u / self.mu))
        return matrix

    def radius(self):
        """Return the spectral radius of the weights without the destination."""
        return max(np.abs(np.linalg.eigvals(self.weights()[:-1, :-1])), default=0.0)

    @property
    def cyclic(self):
        """Return whether the graph has a cycle."""
        legs = zip(self.tail.tolist(), self.head.tolist(), strict=True)
        return not nx.is_directed_acyclic_graph(nx.DiGraph(list(legs)))

    def blocks(self):
        """Return the places in order from the destination back, and the end of each block.

        The places of a cycle form one block.
        """
        graph = nx.DiGraph(list(zip(self.tail.tolist(), self.head.tolist(), strict=True)))
        components = [sorted(k) for k in nx.strongly_connected_components(graph)]
        order = np.array([i for k in components for i in k], np.int16)
        return order, np.cumsum([len(k) for k in components]).astype(np.int16)

    def graph(self, blocks=None):
        """Return the graph as kernels read it."""
        return RouteGraph(self.head, self.out_start, self.out_leg, *(blocks or self.blocks()))

    def solve(self, blocks=None):
        """Return the number of sweeps, values, cumulative probabilities and probabilities."""
        n = self.out_leg.size
        value, cum, prob = np.zeros(self.places), np.zeros(n, np.float32), np.zeros(n)
        sweeps = solve(self.utility, self.mu, self.graph(blocks), value, cum, prob)
        return sweeps, value, cum, prob

    def by_leg(self, prob):
        """Return probabilities by leg instead of by position."""
        answer = np.zeros(prob.size)
        answer[self.out_leg] = prob
        return answer


@st.composite
def mazes(draw, low=0.05, high=0.85):
    """Draw graphs in which every place leads to the destination, some with cycles.

    The spectral radius of a graph with cycles is between `low` and `high`.
    """
    places = draw(st.integers(2, 7))
    spine = [(i, draw(st.integers(i + 1, places - 1))) for i in range(places - 1)]
    # No leg leads from a place to itself.
    extra = draw(
        st.lists(
            st.tuples(st.integers(0, places - 2), st.integers(0, places - 1)).filter(
                lambda leg: leg[0] != leg[1]
            ),
            max_size=2 * places,
        )
    )
    tail, head = (np.array([leg[k] for leg in spine + extra]) for k in range(2))
    mu = draw(st.floats(100.0, 300.0))
    u = draw(st.lists(st.floats(-6.0, 1.0), min_size=tail.size, max_size=tail.size))
    maze = Maze(tail, head, np.array(u) * mu, mu, places)
    radius, target = maze.radius(), draw(st.floats(low, high))
    if not low <= radius <= high and maze.cyclic:  # shifting every leg scales the radius
        maze.utility = maze.utility + mu * np.log(target / radius)
    return maze


# ---- values and choice --------------------------------------------------------------------------


@given(mazes())
def test_values_are_the_linear_solution_in_exp_of_value_over_noise(maze):
    sweeps, value, _, _ = maze.solve()
    weights = maze.weights()
    inside = weights[:-1, :-1]
    z = np.linalg.solve(np.eye(maze.places - 1) - inside, weights[:-1, -1])
    assert sweeps > 0 and value[-1] == 0.0
    assert value[:-1] / maze.mu == pytest.approx(np.log(z), abs=LOOSE)


@given(mazes())
def test_choice_is_logit_over_the_utility_of_the_leg_and_the_value_at_its_end(maze):
    _, value, cum, prob = maze.solve()
    share = maze.by_leg(prob)
    for i in range(maze.places - 1):
        legs = np.flatnonzero(maze.tail == i)
        worth = (maze.utility[legs] + value[maze.head[legs]]) / maze.mu
        odds = np.exp(worth - worth.max())
        assert share[legs] == pytest.approx(odds / odds.sum(), abs=1e-9)
        run = slice(maze.out_start[i], maze.out_start[i + 1])
        assert prob[run].sum() == pytest.approx(1.0, abs=1e-12)
        assert cum[run][-1] == pytest.approx(1.0, abs=1e-6) and (np.diff(cum[run]) >= 0.0).all()
        assert cum[run] == pytest.approx(np.cumsum(prob[run]), abs=1e-6)


@given(mazes())
def test_a_graph_without_cycles_is_solved_in_one_sweep(maze):
    assert (maze.solve()[0] > 1) == maze.cyclic


@given(mazes(), st.data())
def test_closed_legs_are_never_chosen(maze, data):
    open_legs = np.arange(maze.places - 1)  # the open legs keep every place connected
    others = np.arange(maze.places - 1, maze.tail.size)
    shut = np.array([leg for leg in others if data.draw(st.booleans())], int)
    maze.utility[shut] = CLOSED
    _, value, cum, prob = maze.solve()
    share = maze.by_leg(prob)
    assert (share[shut] == 0.0).all() and (value > 0.5 * CLOSED).all()
    assert share[open_legs].min() > 0.0
    for i in range(maze.places - 1):
        run = slice(maze.out_start[i], maze.out_start[i + 1])
        for u in (0.5 / 2**32, 1.0 - 1e-6, data.draw(st.floats(0.0, 1.0 - 1e-6))):
            chosen = maze.out_leg[run][np.searchsorted(cum[run], u, side="right")]
            assert chosen not in shut


# ---- divergence ---------------------------------------------------------------------------------


@given(mazes(high=3.0))
def test_the_spectral_radius_excludes_the_destination(maze):
    radius = spectral_radius(maze.utility, maze.mu, maze.tail, maze.head, maze.out_leg, maze.places)
    # The eigenvalues of a defective matrix are accurate only to a root of the machine precision.
    assert radius == pytest.approx(maze.radius(), abs=1e-3)


@given(mazes(low=1.02, high=3.0))
def test_diverging_values_are_never_returned_as_converged(maze):
    assert (maze.solve()[0] == -1) == maze.cyclic


# ---- expected outcomes --------------------------------------------------------------------------


@given(mazes(), st.data())
def test_expectations_equal_the_absorbing_chain(maze, data):
    def chances(high):
        lists = st.lists(st.floats(0.0, high), min_size=maze.tail.size, max_size=maze.tail.size)
        return np.array(data.draw(lists))

    stop_mx, stop_us, harm, toll = chances(1.0), chances(1.0), chances(0.5), chances(400.0)
    prob = maze.solve()[3]
    expected_outcomes = np.full((7, maze.places), 9.0)
    compute_expectations(prob, maze.graph(), stop_mx, stop_us, harm, toll, expected_outcomes)

    share, n = maze.by_leg(prob), maze.places
    on = (1.0 - stop_mx) * (1.0 - stop_us)
    chain = np.zeros((n, n))
    np.add.at(chain, (maze.tail, maze.head), share * on)
    means = [np.bincount(maze.tail, share * x, n) for x in (stop_mx, harm, toll)]
    inside, eye = chain[:-1, :-1], np.eye(n - 1)
    arrive = np.linalg.solve(eye - inside, chain[:-1, -1])
    mexico, violence, dues = (np.linalg.solve(eye - inside, m[:-1]) for m in means)
    for row, outcome in enumerate((arrive, mexico, violence)):
        assert expected_outcomes[row, :-1] == pytest.approx(outcome, abs=LOOSE)
    assert expected_outcomes[3, :-1] == pytest.approx(dues, rel=LOOSE, abs=500.0 * LOOSE)
    assert expected_outcomes[:4, -1].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert (expected_outcomes[4:] == 9.0).all()
    assert (expected_outcomes[0] + expected_outcomes[1] <= 1.0 + LOOSE).all()


# ---- loops and sweeps ---------------------------------------------------------------------------


def loop_of(utility: dict[tuple[int, int], float], places: int, mu: float = 100.0) -> list[int]:
    """Return the places of the diverging loop. A leg with a utility of -inf is not in use."""
    legs = np.array(list(utility))
    u = np.array(list(utility.values()))
    used = np.flatnonzero(np.isfinite(u))
    return diverging_loop(u, mu, legs[:, 0], legs[:, 1], used, places).tolist()


def test_a_loop_diverges_from_a_spectral_radius_of_nineteen_twentieths():
    """The radius of a loop of two legs is the square root of the product of their weights."""
    just = 200.0 * np.log(MAX_SPECTRAL_RADIUS)
    assert MAX_SPECTRAL_RADIUS == 0.95
    assert loop_of({(0, 1): just + 1e-9, (1, 0): 0.0, (1, 2): 0.0}, 3) == [0, 1]
    assert loop_of({(0, 1): just - 1e-9, (1, 0): 0.0, (1, 2): 0.0}, 3) == []


def test_the_diverging_loop_is_returned_without_other_loops_and_adjacent_legs():
    calm = {(0, 1): -300.0, (1, 0): -300.0}
    wild = {(3, 4): 10.0, (4, 5): 10.0, (5, 3): -10.0}
    around = {(1, 2): 900.0, (2, 3): 900.0, (5, 6): 900.0, (2, 6): 900.0}
    assert loop_of(calm | around | wild, 7) == [3, 4, 5]
    assert loop_of(calm | around | dict.fromkeys(wild, -300.0), 7) == []
    assert loop_of(around, 7) == []
