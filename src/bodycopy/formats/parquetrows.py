"""Parquet, of rows that come from another format.

A column has the type of its values in the first rows: text, whole numbers, numbers, true and false. One of several
kinds, of lists or of objects holds JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from bodycopy.formats.conversion import Row, json_of, names_of
from bodycopy.formats.records import RecordError

__all__ = ["ParquetRows"]

_GROUP: Final = 1 << 26
"""Bytes of a row group in memory."""
_JSON: Final = "JSON"
_KINDS: Final[dict[frozenset[type], str]] = {
    frozenset(): "text",
    frozenset({str}): "text",
    frozenset({bool}): "true or false",
    frozenset({int}): "whole numbers",
    frozenset({float}): "numbers",
    frozenset({int, float}): "numbers",
}
_TYPES: Final = {
    "text": pa.string(),
    _JSON: pa.string(),
    "true or false": pa.bool_(),
    "whole numbers": pa.int64(),
    "numbers": pa.float64(),
}
_ALLOWED: Final[dict[str, tuple[type, ...]]] = {
    "text": (str,),
    "true or false": (bool,),
    "whole numbers": (int,),
    "numbers": (int, float),
}

_Columns = dict[str, str]
"""The kind of each."""


@dataclass(frozen=True, slots=True)
class ParquetRows:
    """Parquet files of columns without nesting."""

    has_columns = True

    def columns(self, rows: Sequence[Row]) -> _Columns:
        return {name: _kind([row.get(name) for row in rows]) for name in names_of(rows)}

    def encode(self, row: Row, columns: Any) -> tuple[Any, ...]:
        if other := next((name for name in row if name not in columns), None):
            raise RecordError(f'there is a field "{other}", which the first records have not')
        return tuple(_cell(name, kind, row.get(name)) for name, kind in columns.items())

    def join(self, encoded: Sequence[Any], columns: Any, *, first: bool) -> Any:
        schema = pa.schema([(name, _TYPES[kind]) for name, kind in columns.items()])
        cells = zip(*encoded, strict=True) if encoded else [()] * len(columns)
        arrays = [pa.array(values, field.type) for values, field in zip(cells, schema, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    @contextmanager
    def writer(self, target: BinaryIO) -> Iterator[Callable[[Any], object]]:
        groups = _Groups(target)
        try:
            yield groups.add
            groups.flush()
        finally:
            groups.close()


class _Groups:
    """The row groups of a file that is written."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._writer: pq.ParquetWriter | None = None
        self._held: list[pa.RecordBatch] = []

    def add(self, batch: Any) -> None:
        if isinstance(batch, pa.RecordBatch):  # and not nothing at all
            self._held.append(batch)
            if sum(each.nbytes for each in self._held) >= _GROUP:
                self.flush()

    def flush(self) -> None:
        if self._held:
            if self._writer is None:
                self._writer = pq.ParquetWriter(self._target, self._held[0].schema)
            table = pa.Table.from_batches(self._held)
            self._writer.write_table(table, max(1, table.num_rows))
            self._held.clear()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _kind(values: Sequence[Any]) -> str:
    return _KINDS.get(frozenset(type(value) for value in values if value is not None), _JSON)


def _cell(name: str, kind: str, value: Any) -> Any:
    """Return a value as its column holds it."""
    if value is None:
        return None
    if kind == _JSON:
        return _encodable(name, json_of(value))
    if type(value) not in _ALLOWED[kind]:
        raise RecordError(f'the field "{name}" holds {json_of(value)[:40]}, and in the first records {kind}')
    if isinstance(value, str):
        return _encodable(name, value)
    try:
        return pa.scalar(value, _TYPES[kind]).as_py()
    except (pa.ArrowException, OverflowError) as error:
        raise RecordError(f'the field "{name}" holds a number that is too large') from error


def _encodable(name: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RecordError(f'the field "{name}" has a lone surrogate at character {error.start:,}') from error
    return value
