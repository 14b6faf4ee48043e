"""What tells runs of a table's rows apart, read off its columns: to make a record of each row takes far longer."""

import hashlib
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class _Hash(Protocol):
    def update(self, data: Any, /) -> None: ...


class RowDigests:
    """The SHA-256 of the rows from one position to another, wherever in a table they stand."""

    def __init__(self, table: pa.Table) -> None:
        self._start = str(table.schema.remove_metadata()).encode()
        self._columns = [_column(column.combine_chunks()) for column in table.columns]

    def __call__(self, start: int, stop: int) -> bytes:
        found = hashlib.sha256(self._start)
        # The number of rows gives the lengths in a column, and these the extent of all that stands in it.
        found.update(b"%d " % (stop - start))
        for column in self._columns:
            column.feed(found, start, stop)
        return found.digest()


class _Column(Protocol):
    def feed(self, into: _Hash, start: int, stop: int) -> None: ...


class _Flat:
    """Values of a fixed size."""

    def __init__(self, array: pa.Array) -> None:
        self._valid = _valid(array)
        empty = pa.scalar(False if pa.types.is_boolean(array.type) else 0, array.type)
        self._values = np.ascontiguousarray(pc.fill_null(array, empty).to_numpy(zero_copy_only=False))

    def feed(self, into: _Hash, start: int, stop: int) -> None:
        into.update(self._valid[start:stop])
        into.update(self._values[start:stop])


class _Text:
    def __init__(self, array: pa.Array) -> None:
        self._valid = _valid(array)
        _, offsets, text = array.buffers()
        self._offsets = _offsets(offsets, array)
        self._lengths = np.diff(self._offsets)
        self._text = memoryview(text or b"")

    def feed(self, into: _Hash, start: int, stop: int) -> None:
        into.update(self._valid[start:stop])
        into.update(self._lengths[start:stop])
        into.update(self._text[self._offsets[start] : self._offsets[stop]])


class _List:
    def __init__(self, array: pa.ListArray) -> None:
        self._valid = _valid(array)
        self._offsets = _offsets(array.buffers()[1], array)
        self._lengths = np.diff(self._offsets)
        self._items = _column(array.values)

    def feed(self, into: _Hash, start: int, stop: int) -> None:
        into.update(self._valid[start:stop])
        into.update(self._lengths[start:stop])
        self._items.feed(into, int(self._offsets[start]), int(self._offsets[stop]))


class _Struct:
    def __init__(self, array: pa.StructArray) -> None:
        self._valid = _valid(array)
        self._fields = [_column(array.field(i)) for i in range(array.type.num_fields)]

    def feed(self, into: _Hash, start: int, stop: int) -> None:
        into.update(self._valid[start:stop])
        for field in self._fields:
            field.feed(into, start, stop)


def _column(array: pa.Array) -> _Column:
    if pa.types.is_string(array.type):
        return _Text(array)
    if pa.types.is_list(array.type):
        return _List(array)
    if pa.types.is_struct(array.type):
        return _Struct(array)
    return _Flat(array)


def _valid(array: pa.Array) -> Any:
    return array.is_valid().to_numpy(zero_copy_only=False)


def _offsets(buffer: pa.Buffer | None, array: pa.Array) -> Any:
    """Where each value begins and the last ends."""
    if buffer is None or buffer.size == 0:  # as it may be of an empty array
        return np.zeros(1, np.int32)
    return np.frombuffer(buffer, np.int32)[array.offset : array.offset + len(array) + 1]
