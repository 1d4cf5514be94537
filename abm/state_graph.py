"""Conversion between an object graph and plain lists and bytes, with shared references and memory.

A model's state is a graph: several objects refer to the same dictionary, and many arrays are views
of one buffer to which compiled kernels write. A copy behaves like the original only if its graph is
the same. `decompose` therefore stores every object and every buffer once, and each view by its
offset in the buffer. `rebuild` builds an equal graph.

The parts contain only JSON types and bytes. `rebuild` creates only objects of listed classes and
calls no constructors, so parts from a file cannot execute code.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

#: Kinds of nodes. Each node begins with its kind.
BUFFER, VIEW, RECORD, SCALAR, LIST, DICT, DEQUE, OBJECT, OUTSIDE = range(9)
_PLAIN = (type(None), bool, int, float, str)


@dataclass(frozen=True, slots=True)
class Parts:
    """Object graph as plain data.

    Attributes:
        root: the value at the root of the graph. References have the form `{"ref": node}`.
        nodes: one list per object, array or container, which begins with the node's kind.
        buffers: array contents as bytes-like objects. An integer stands for a buffer with this
            number of zero bytes.
    """

    root: Any
    nodes: list[list[Any]]
    buffers: list[Any]

    @property
    def nbytes(self) -> int:
        """Memory of all buffers in bytes. A buffer of zeros needs no memory."""
        return sum(len(buffer) for buffer in self.buffers if not isinstance(buffer, int))

    def memory(self, buffer: int) -> np.ndarray:
        """Return a new copy of a buffer, dtype uint8, shape (bytes,).

        Zeros are not written, because pages that are never written take no memory.

        Args:
            buffer: index into `buffers`.
        """
        content = self.buffers[buffer]
        if isinstance(content, int):
            return np.zeros(content, np.uint8)
        word = np.uint8 if len(content) % 8 else np.uint64
        stored = np.frombuffer(content, word)
        copy = np.zeros(len(stored), word)
        np.copyto(copy, stored, where=stored != 0)
        return copy.view(np.uint8)


def decompose(
    root: Any, classes: Mapping[str, type], outside: Callable[[Any], str | None]
) -> tuple[Parts, list[Any]]:
    """Convert an object graph to parts, which share no memory with it.

    Args:
        root: a container or an object.
        classes: classes whose objects are stored with all their attributes, by stored name.
        outside: function that returns the name of an object that the reader already has, or None
            for an object that must be stored.

    Returns:
        The parts, and the objects in the same order as the nodes.

    Raises:
        TypeError: the graph contains an object of another class.
    """
    names = {cls: name for name, cls in classes.items()}
    writer = _Writer(names, outside)
    return Parts(writer.value(root), writer.nodes, writer.buffers), writer.objects


def rebuild(
    parts: Parts, classes: Mapping[str, type], outside: Callable[[str], Any]
) -> tuple[Any, list[Any]]:
    """Build an object graph from parts, with which it shares no memory.

    Args:
        parts: parts from `decompose`.
        classes: the same classes under the same names as for `decompose`.
        outside: function that returns an object by its name.

    Returns:
        The root, and the objects in the same order as the nodes.
    """
    reader = _Reader(parts, classes, outside)
    return reader.value(parts.root), reader.objects


def class_name(cls: type) -> str:
    """Return the qualified name of a class, such as `abm.ledger.Ledger`."""
    return f"{cls.__module__}.{cls.__qualname__}"


@dataclass
class _Writer:
    """Converts a graph to nodes and buffers, and stores each object once.

    Attributes:
        names: stored name by class.
        outside: function that returns the name of an object that is not stored, or None.
        nodes, buffers: the parts written so far, as in :class:`Parts`.
        node_of: index of an object's node, by the object's `id`.
        objects: the object for each node. The list keeps the objects alive, because Python may
            otherwise reuse an `id`.
    """

    names: Mapping[type, str]
    outside: Callable[[Any], str | None]
    nodes: list[list[Any]] = field(default_factory=list)
    buffers: list[Any] = field(default_factory=list)
    node_of: dict[int, int] = field(default_factory=dict)
    objects: list[Any] = field(default_factory=list)

    def value(self, value: Any) -> Any:
        """Return a value in JSON types, with references for all but plain values."""
        if type(value) in _PLAIN:
            return value
        if type(value) is tuple:
            return {"tuple": [self.value(item) for item in value]}
        node = self.node_of.get(id(value))
        return {"ref": self._store(value) if node is None else node}

    def _store(self, value: Any) -> int:
        """Store an object for the first time and return the index of its node."""
        name = self.outside(value)
        if name is not None:
            return self._add(value, [OUTSIDE, name])
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.void):
            return self._record(value)
        if isinstance(value, np.generic):
            return self._add(value, [SCALAR, value.dtype.str, self._buffer(np.array(value))])
        node: list[Any] = []
        index = self._add(value, node)  # Add it before its contents, which may refer to it.
        node.extend(self._contents(value))
        return index

    def _add(self, value: Any, node: list[Any]) -> int:
        self.nodes.append(node)
        self.objects.append(value)
        self.node_of[id(value)] = len(self.nodes) - 1
        return len(self.nodes) - 1

    def _contents(self, value: Any) -> list[Any]:
        """Return the entries for a container or an object in its node."""
        kind = type(value)
        if kind is list:
            return [LIST, [self.value(item) for item in value]]
        if kind is dict:
            return [DICT, [[self.value(k), self.value(v)] for k, v in value.items()]]
        if kind is deque:
            return [DEQUE, value.maxlen, [self.value(item) for item in value]]
        if kind not in self.names:
            raise TypeError(
                f"a copy of a model cannot hold an object of {class_name(kind)}: remove it before "
                "copying, or add the class to abm.saved_run.CLASSES"
            )
        state = [[name, self.value(item)] for name, item in _state(value).items()]
        return [OBJECT, self.names[kind], state]

    def _array(self, array: np.ndarray) -> int:
        """Store an array as a buffer, or as a view of the buffer that owns its memory."""
        owner = _owner(array)
        if owner is array or array.size == 0:
            order = "C" if array.flags.c_contiguous or not array.flags.f_contiguous else "F"
            node = [BUFFER, dtype_text(array.dtype), list(array.shape), order]
            return self._add(
                array, [*node, bool(array.flags.writeable), self._buffer(array, order)]
            )
        base = self.node_of.get(id(owner))
        base = self._store(owner) if base is None else base
        place = _address(array) - _address(owner)
        node = [VIEW, base, dtype_text(array.dtype), list(array.shape), list(array.strides), place]
        return self._add(array, [*node, bool(array.flags.writeable)])

    def _record(self, record: np.void) -> int:
        """Store a record as a reference to its array, which must have exactly one entry."""
        owner = record.base
        if not isinstance(owner, np.ndarray) or owner.size != 1:
            raise TypeError("a record can be saved only if its array has exactly one entry")
        base = self.node_of.get(id(owner))
        return self._add(record, [RECORD, self._store(owner) if base is None else base])

    def _buffer(self, array: np.ndarray, order: Any = "C") -> int:
        content = array.tobytes(order)
        is_zero = not np.frombuffer(content, np.uint8).any()
        self.buffers.append(len(content) if is_zero else content)
        return len(self.buffers) - 1


class _Reader:
    """Builds a graph: it first creates all objects, and then adds their contents."""

    def __init__(
        self, parts: Parts, classes: Mapping[str, type], outside: Callable[[str], Any]
    ) -> None:
        self.parts, self.classes, self.outside = parts, classes, outside
        self.objects: list[Any] = []
        for node in parts.nodes:  # A buffer precedes its views.
            self.objects.append(self._create(node))
        for node, item_object in zip(parts.nodes, self.objects, strict=True):
            self._fill(node, item_object)

    def value(self, value: Any) -> Any:
        """Return the value that is represented in JSON types."""
        if type(value) is not dict:
            return value
        if "ref" in value:
            return self.objects[value["ref"]]
        return tuple(self.value(item) for item in value["tuple"])

    def _create(self, node: list[Any]) -> Any:
        """Create a node's object. Containers and objects are still empty."""
        kind, *rest = node
        if kind == BUFFER:
            text, shape, order, writeable, buffer = rest
            content = self.parts.memory(buffer)
            array = np.ndarray(shape, _dtype(text), content, order=order)
            array.flags.writeable = writeable
            return array
        if kind == VIEW:
            base, text, shape, strides, place, writeable = rest
            content = self.objects[base].base  # bytes of the buffer, from the branch above
            array = np.ndarray(shape, _dtype(text), content, place, strides)
            array.flags.writeable = writeable
            return array
        if kind == RECORD:
            return self.objects[rest[0]].reshape(1)[0]
        if kind == SCALAR:
            return self.parts.memory(rest[1]).view(rest[0])[0]
        if kind == OUTSIDE:
            return self.outside(rest[0])
        if kind == OBJECT:
            return object.__new__(self.classes[rest[0]])
        return {LIST: list, DICT: dict}[kind]() if kind != DEQUE else deque(maxlen=rest[0])

    def _fill(self, node: list[Any], item_object: Any) -> None:
        """Add a node's contents to its container or object."""
        kind = node[0]
        if kind == LIST:
            item_object.extend(self.value(item) for item in node[1])
        elif kind == DICT:
            item_object.update((self.value(k), self.value(v)) for k, v in node[1])
        elif kind == DEQUE:
            item_object.extend(self.value(item) for item in node[2])
        elif kind == OBJECT:
            state = {name: self.value(item) for name, item in node[2]}
            if _sets_its_state(type(item_object)):
                item_object.__setstate__(state)
            else:
                for name, item in state.items():
                    object.__setattr__(item_object, name, item)  # frozen dataclasses too


def _state(value: Any) -> dict[str, Any]:
    """Return an object's attributes, or its `__getstate__()` if it has `__setstate__`."""
    if _sets_its_state(type(value)):
        return value.__getstate__()
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ())]
    attributes = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    return attributes | getattr(value, "__dict__", {})


def _sets_its_state(cls: type) -> bool:
    """Return whether a class defines `__setstate__` itself, not generated for a dataclass."""
    return hasattr(cls, "__setstate__") and not dataclasses.is_dataclass(cls)


def _owner(array: Any) -> np.ndarray:
    """Return the array that owns another array's memory."""
    owner = array
    while isinstance(array, np.ndarray | np.void):
        owner = array if isinstance(array, np.ndarray) else owner
        array = array.base
    return owner


def _address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


# ---- dtypes --------------------------------------------------------------------------------------


#: One dtype object per text. Compiled functions compare their records' dtypes with earlier calls.
#: For equal dtypes this takes 20 us, and for the same object almost no time.
_DTYPES: dict[str, np.dtype] = {}


@functools.cache
def dtype_text(dtype: np.dtype) -> str:
    """Return a dtype as text that includes a record's layout.

    Raises:
        TypeError: arrays with this dtype hold Python objects.
    """
    if dtype.hasobject:
        raise TypeError("the state of a model cannot hold an array of Python objects")
    text = str(dtype) if dtype.fields else dtype.str
    _DTYPES.setdefault(text, dtype)
    return text


def _dtype(text: str) -> np.dtype:
    """Return the dtype for a text from :func:`dtype_text`."""
    if text not in _DTYPES:
        dtype: np.dtype = np.dtype(ast.literal_eval(text) if text[0] in "[{" else text)
        if dtype.hasobject:
            raise TypeError("the state of a model cannot hold an array of Python objects")
        _DTYPES[text] = dtype
    return _DTYPES[text]
