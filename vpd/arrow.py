"""Records to Arrow tables and back: the schema is read off the record's own annotations."""

import hashlib
import json
import types
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

import pyarrow as pa
from pydantic import JsonValue
from pydantic_core import from_json

from vpd.records import Record

R = TypeVar("R", bound=Record)

_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    JsonValue: pa.string(),
}


def schema(record: type[Record]) -> pa.Schema:
    """The Arrow schema of a record: nested records become structs, tuples lists, `Json` its text."""
    return pa.schema(_fields(record))


def to_table(record: type[R], rows: Iterable[R]) -> pa.Table:
    return pa.Table.from_pylist([_encode(row) for row in rows], schema=schema(record))


def from_table(record: type[R], table: pa.Table) -> list[R]:
    return [record.model_validate(_decode(record, row)) for row in table.to_pylist()]


def digest(table: pa.Table) -> str:
    """The SHA-256 of a table's rows and schema."""
    digest = hashlib.sha256()
    for batch in table.combine_chunks().to_batches():
        digest.update(batch.serialize())
    digest.update(table.schema.serialize())
    return digest.hexdigest()


def _fields(record: type[Record]) -> list[pa.Field]:
    return [
        pa.field(name, _arrow_type(info.annotation), nullable=_optional(info.annotation))
        for name, info in record.model_fields.items()
    ]


def _arrow_type(annotation: Any) -> pa.DataType:
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    nested = _nested(annotation)
    if nested is not None and get_origin(annotation) is not tuple:
        return pa.struct(_fields(nested))
    origin, arguments = get_origin(annotation), _arguments(annotation)
    if origin is Literal:
        return pa.string()
    if origin is tuple:
        return pa.list_(pa.field("item", _arrow_type(arguments[0]), nullable=False))
    if origin in (Union, types.UnionType) and len(arguments) == 1:
        return _arrow_type(arguments[0])
    raise TypeError(f"no Arrow type for {annotation!r}")


def _arguments(annotation: Any) -> list[Any]:
    return [a for a in get_args(annotation) if a not in (type(None), ...)]


def _is_json(annotation: Any) -> bool:
    return annotation is JsonValue


def _optional(annotation: Any) -> bool:
    return _is_json(annotation) or type(None) in get_args(annotation)


def _nested(annotation: Any) -> type[Record] | None:
    """The record inside `X`, `X | None` or `tuple[X, ...]`, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, tuple):
        return next((r for r in map(_nested, _arguments(annotation)) if r), None)
    return None


def _encode(row: Record) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, is_json in _named(type(row)):
        value = getattr(row, name)
        if is_json:
            value = None if value is None else _as_text(value)
        elif isinstance(value, Record):
            value = _encode(value)
        elif isinstance(value, tuple):
            value = [_encode(v) if isinstance(v, Record) else v for v in cast("tuple[Any, ...]", value)]
        values[name] = value
    return values


@cache
def _named(record: type[Record]) -> list[tuple[str, bool]]:
    """The fields, and whether each is JSON."""
    return [(name, _is_json(info.annotation)) for name, info in record.model_fields.items()]


_as_text = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
"""`json.dumps`, without an encoder made for each value."""


def _decode(record: type[Record], row: dict[str, Any]) -> dict[str, Any]:
    for name, nested in _coded(record):
        value = row.get(name)
        if value is None:
            continue
        if nested is None:
            row[name] = from_json(value)
        else:
            row[name] = (
                [_decode(nested, v) for v in value] if isinstance(value, list) else _decode(nested, value)
            )
    return row


@cache
def _coded(record: type[Record]) -> list[tuple[str, type[Record] | None]]:
    """The fields of which Arrow holds something else than the value: records within, or None for JSON."""
    return [
        (name, None if _is_json(info.annotation) else nested)
        for name, info in record.model_fields.items()
        if (nested := _nested(info.annotation)) is not None or _is_json(info.annotation)
    ]
