"""Horizons."""


def test_nothing():
    pass
