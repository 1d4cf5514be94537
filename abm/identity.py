"""Keys of caches that compare objects by identity."""

from __future__ import annotations

from typing import Any


class ByIdentity:
    """Objects as the key of a cache, equal only to the same objects: values take long to compare.

    The key holds its objects, so that no other object has their `id` while the key is cached.

    Attributes:
        objects: the objects.
    """

    __slots__ = ("_ids", "objects")

    def __init__(self, *objects: Any) -> None:
        """Create the key of objects in their order."""
        self.objects, self._ids = objects, tuple(map(id, objects))

    def __eq__(self, other: object) -> bool:
        """Return whether another key holds the same objects in the same order."""
        return isinstance(other, ByIdentity) and self._ids == other._ids

    def __hash__(self) -> int:
        """Return the hash of the identities."""
        return hash(self._ids)
