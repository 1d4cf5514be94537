"""Vectorised exponential, logarithm, cosine and Gumbel quantile against the library of numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import vector_math
from agents.jit import kernel

ULP = 2.0**-52


@kernel
def exponentials(x, out):
    """Fill `out` with the exponentials of an array."""
    for i in range(x.size):
        out[i] = vector_math.fast_exp(x[i])


@kernel
def logarithms(x, out):
    """Fill `out` with the logarithms of an array."""
    for i in range(x.size):
        out[i] = vector_math.fast_log(x[i])


@kernel
def cosines(x, out):
    """Fill `out` with the cosines of parts of a turn."""
    for i in range(x.size):
        out[i] = vector_math.cos_of_turn(x[i])


@kernel
def quantiles(x, out):
    """Fill `out` with Gumbel quantiles."""
    for i in range(x.size):
        out[i] = vector_math.fast_gumbel(x[i])


def of(function, values):
    """Return the results of a function for a list of numbers."""
    x = np.array(values, float)
    out = np.empty_like(x)
    function(x, out)
    return out


@given(st.lists(st.floats(-700.0, 700.0), min_size=1, max_size=40))
def test_the_exponential_is_right_to_two_units_in_the_last_place(values):
    exact = np.exp(np.array(values, np.longdouble))
    assert (np.abs(of(exponentials, values) - exact) <= 2 * ULP * exact).all()


@given(st.lists(st.floats(1e-299, 1e299), min_size=1, max_size=40))
def test_the_logarithm_is_right_to_two_units_in_the_last_place(values):
    exact = np.log(np.array(values, np.longdouble))
    assert (np.abs(of(logarithms, values) - exact) <= 2 * ULP * np.abs(exact)).all()


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_the_cosine_of_a_turn_is_right_to_the_last_places_of_one(values):
    v = np.array(values, np.longdouble)
    exact = np.cos(8 * np.arctan(np.longdouble(1)) * v)
    assert (np.abs(of(cosines, values) - exact) <= 4 * ULP).all()


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=40))
def test_gumbel_quantiles_of_every_possible_draw_are_finite_and_right(words):
    values = [(word + 0.5) * 2.0**-32 for word in words]
    exact = -np.log(-np.log(np.array(values, np.longdouble)))
    assert of(quantiles, values) == pytest.approx(exact.astype(float), rel=1e-9, abs=1e-9)


@given(st.lists(st.floats(1e-299, 700.0), min_size=1, max_size=40), st.integers(0, 7))
def test_a_result_does_not_depend_on_the_position_in_the_array(values, shift):
    for function in (exponentials, logarithms):
        moved = of(function, [0.5] * shift + values)[shift:]
        assert moved.tolist() == of(function, values).tolist()
