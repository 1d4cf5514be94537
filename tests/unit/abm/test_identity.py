"""Keys of caches by identity."""

from __future__ import annotations

from abm.identity import ByIdentity


def test_keys_are_equal_only_for_the_same_objects_in_the_same_order():
    """Equal values are different keys; the same objects are one key."""
    first, second = [1.0], [1.0]
    assert ByIdentity(first, second) == ByIdentity(first, second)
    assert hash(ByIdentity(first)) == hash(ByIdentity(first))
    assert ByIdentity(first) != ByIdentity(second)
    assert ByIdentity(first, second) != ByIdentity(second, first)
    assert ByIdentity(first) != ByIdentity(first, first)
    assert ByIdentity(first) != first
